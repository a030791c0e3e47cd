# The data of Aframe, made by aframe-data: takes the place of Aframe's own pipeline/data.smk, or runs alone:
#
#     snakemake --snakefile $(aframe-data snakefile) --configfile config.yaml --cores 2
#
# Paths, rules and the names that other parts of the pipeline use are Aframe's. All paths are relative to the folder of
# the run. Only console scripts are called, so that a job needs an image with aframe-data and nothing else; and nothing
# of aframe-data is imported here, since this file is read in the images of inference and plots too.
from difflib import get_close_matches
from math import ceil
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

bg_dir = Path("data")
waveform_dir = Path("waveforms")
train_bg, test_bg = bg_dir / "train", bg_dir / "test"
train_waveforms, test_waveforms = waveform_dir / "train", waveform_dir / "test"
data_log_dir = Path("logs") / "data"

_ALONE = "rule_resources" not in globals()
_DEFAULTS = {
    "ifos": ["H1", "L1"],
    "channels": ["H1", "L1"],
    "flags": ["H1_DATA", "L1_DATA"],
    "segment_server": "https://segments.igwn.org",
    "train_start": 1240579783,
    "train_end": 1241443783,
    "test_start": 1241443783,
    "test_end": 1244035783,
    "train_min_duration": 1024.0,
    "test_min_duration": 128.0,
    "max_duration": 20000.0,
    "sample_rate": 2048.0,
    "prior": "priors.priors.end_o3_ratesandpops",
    "waveform_approximant": "IMRPhenomPv2",
    "waveform_duration": 8.0,
    "minimum_frequency": 20.0,
    "reference_frequency": 50.0,
    "right_pad": 2.0,
    "seed": 1122,
    "num_training_signals": 100000,
    "pregenerate_training_waveforms": True,
    "num_train_waveform_jobs": 100,
    "num_validation_signals": 20000,
    "num_validation_jobs": 200,
    "num_testing_signals": 500000,
    "shift_steps": [0.0, 1.0],
    "jitter": 1.0,
    "spacing": 16.0,
    "buffer": 16.0,
    "psd_length": 64.0,
    "highpass": 32.0,
    "lowpass": None,
    "snr_threshold": 4.0,
    "max_num_samples": 3000,
    "aggregate_rules_local": True,
}
# Keys without a default: the last three are of this package alone.
_OTHERS = ("resources", "source", "generate_segments_options", "fetch_data_options")

# What `aframe-data build` reads has keys of these names too, but as tables in which there is something of this.
_TABLES_OF_BUILD = {"train", "test", "waveforms", "training-waveforms", "validation-waveforms"}
_TABLES_OF_BUILD |= {"testing-waveforms", "timeslide-waveforms"}
_IN_TABLES_OF_BUILD = {"start", "end", "num-signals", "shifts"}


def _check_configuration():
    """Refuse a configuration of `aframe-data build`, all of which would be ignored, and warn of misspelt keys."""
    keys = (*_DEFAULTS, *_OTHERS)
    for name, value in config.items():
        inside = {str(key).replace("_", "-") for key in value} if isinstance(value, dict) else set()
        if str(name).replace("_", "-") in _TABLES_OF_BUILD and inside & _IN_TABLES_OF_BUILD:
            raise WorkflowError(
                f"the table {name!r} is of a configuration of `aframe-data build`, which reads it; this workflow reads "
                "Aframe's own configuration, and `aframe-data init --from-aframe` translates from that to a build's only."
            )
        near = [] if name in keys else get_close_matches(str(name), keys, n=1, cutoff=0.8)
        if near and workflow.is_main_process:
            logger.warning(f"{name!r} is ignored: it is not a key of Aframe's data. Did you mean {near[0]!r}?")


_check_configuration()
for _name, _value in _DEFAULTS.items():
    config.setdefault(_name, _value)

if _ALONE:
    DATA_CONTAINER = None

    def rule_resources(name, project, local_pool=False):
        """What a rule needs of a scheduler, by the configuration's key `resources`."""
        return dict(config.get("resources", {}).get(name, {}))
else:
    DATA_CONTAINER = container("data")  # noqa: F821 - Aframe's resources.smk defines it


# Pieces that are read nowhere else go when they are joined. Where no file system is shared, HTCondor's executor brings
# no temp() output back from its job: there the joining rules remove them.
_SHARED = any(usage.name == "INPUT_OUTPUT" for usage in workflow.storage_settings.shared_fs_usage)
_piece = temp if _SHARED else str
_REMOVE = ":" if _SHARED else "rm -r"


def _fmt_list(values):
    """A list as the console scripts read it: [a,b]."""
    return "[" + ",".join(map(str, values)) + "]"


def _given(name):
    """A value of the configuration as the console scripts read it."""
    value = config[name]
    return "null" if value is None else value


def _further(script):
    """What the configuration says to a script besides Aframe's options: the source, its options, and any others."""
    options = {}
    for name, value in {"source": config.get("source") or None, **(config.get(f"{script}_options") or {})}.items():
        options |= {f"{name}-{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}
    given = {name: _fmt_list(value) if isinstance(value, list) else value for name, value in options.items()}
    return " ".join(f"--{name} {quote(str(value))}" for name, value in given.items() if value is not None)


def _read_segments(path):
    """Start and duration of each segment: the second and fourth columns of a segwizard file."""
    segments = []
    for line in Path(path).read_text().splitlines():
        columns = line.partition("#")[0].split()
        try:
            segments.append((float(columns[1]), float(columns[3])))
        except (IndexError, ValueError):
            continue
    return segments


def _segment_chunks(path):
    """Start and duration, whole seconds, of each background file: steps of max_duration, the remainder last."""
    longest = config["max_duration"]
    chunks = []
    for start, duration in _read_segments(path):
        start, stop = ceil(start), int(start + duration)
        step = stop - start if longest in (-1, None) else int(longest)
        while start < stop:
            chunks.append((start, min(step, stop - start)))
            start += step
    return chunks


def _is_analyzeable_segment(start, stop, shifts, psd_length):
    """Whether anything is left of a segment after its first PSD and the largest shift."""
    return stop - start - max(shifts) - psd_length > 0


def timeslide_shifts(timeslide):
    """The shift of each detector in a timeslide; 0 is zero lag."""
    return [timeslide * step for step in config["shift_steps"]]


def _chunks(split):
    return _segment_chunks(checkpoints.generate_segments.get(split=split).output[0])


def background_files(split):
    """The background files of a split."""
    return [str(bg_dir / split / f"background-{start}-{duration}.hdf5") for start, duration in _chunks(split)]


def train_background_files(wildcards):
    """The background files of training."""
    return background_files("train")


def _slots(duration, timeslide):
    """How many injections a background file holds in a timeslide."""
    window = config["waveform_duration"]
    edges = config["psd_length"] + max(timeslide_shifts(timeslide)) + 2 * (config["buffer"] + window // 2)
    return ceil((duration - edges) / (config["spacing"] + window))


def testing_waveform_branches():
    """Start, duration and timeslide of each piece of the campaign, until it has the signals that are asked for."""
    chunks, branches, signals, timeslide = _chunks("test"), [], 0, 0
    while signals < config["num_testing_signals"]:
        timeslide += 1
        found = [(start, duration, timeslide) for start, duration in chunks if _slots(duration, timeslide) > 0]
        if not found:
            break
        branches += found
        signals += sum(_slots(duration, timeslide) for _, duration, _ in found)
    return branches


def testing_waveform_file(start, duration, timeslide, name="waveforms"):
    """The file of a piece of the campaign."""
    return str(test_waveforms / "branches" / f"{start}-{duration}-{timeslide}" / f"{name}.hdf5")


def _testing_pieces(name):
    def pieces(wildcards):
        branches = testing_waveform_branches()
        if not branches:
            raise ValueError("no background of the testing span is long enough for an injection.")
        return [testing_waveform_file(*branch, name=name) for branch in branches]

    return pieces


def _psd_background(wildcards):
    """The last background file that is long enough for a PSD."""
    chunks = [chunk for chunk in _chunks(wildcards.split) if chunk[1] >= 2048]
    if not chunks:
        raise ValueError(f"no background of {wildcards.split} is as long as 2048 s: there is nothing to take a PSD of.")
    start, duration = chunks[-1]
    return str(bg_dir / wildcards.split / f"background-{start}-{duration}.hdf5")


# By kind: the key of the number of signals, and how many are made together at most; no job has fewer.
_UNITS = {"validation": ("num_validation_signals", 16), "train_waveform": ("num_training_signals", 64)}


def _jobs(kind):
    """How many jobs share the signals of a kind. Joined, their parts are what a single job makes."""
    signals, together = _UNITS[kind]
    return min(config[f"num_{kind}_jobs"], ceil(config[signals] / together))


wildcard_constraints:
    split="train|test",
    start=r"\d{10}",
    duration=r"\d+",
    timeslide=r"\d+",
    vbranch_id=r"\d+",
    tbranch_id=r"\d+",


localrules:
    generate_segments,
    train_background,
    test_background,
    compute_psd,


if _ALONE:

    rule all:
        input:
            train_waveforms / "val_waveforms.hdf5",
            [train_waveforms / "training_waveforms.hdf5"] if config["pregenerate_training_waveforms"] else [],
            test_waveforms / "waveforms.hdf5",
            test_waveforms / "rejected_parameters.hdf5",
            train_background_files,
            lambda wildcards: background_files("test"),


# The signals of every rule: their population, their model and their window.
_SIGNALS = " ".join(
    f"--{option} {_given(option)}"
    for option in (
        "prior",
        "sample_rate",
        "waveform_duration",
        "minimum_frequency",
        "reference_frequency",
        "right_pad",
        "waveform_approximant",
    )
)
# And the network that sees them.
_NETWORK = f"--ifos '{_fmt_list(config['ifos'])}' " + " ".join(
    f"--{option} {_given(option)}" for option in ("highpass", "lowpass", "snr_threshold", "max_num_samples")
)


checkpoint generate_segments:
    output:
        bg_dir / "{split}" / "segments.txt",
    log:
        data_log_dir / "generate_segments-{split}.log",
    params:
        flags=_fmt_list(config["flags"]),
        start=lambda wildcards: config[f"{wildcards.split}_start"],
        end=lambda wildcards: config[f"{wildcards.split}_end"],
        min_duration=lambda wildcards: config[f"{wildcards.split}_min_duration"],
        server=config["segment_server"],
        further=_further("generate_segments"),
    container:
        DATA_CONTAINER
    shell:
        "generate-segments --flags '{params.flags}' --start {params.start} --end {params.end}"
        " --min_duration {params.min_duration} --segment_server {params.server} {params.further}"
        " --output_file {output} &> {log}"


rule fetch_background:
    input:
        bg_dir / "{split}" / "segments.txt",
    output:
        bg_dir / "{split}" / "background-{start}-{duration}.hdf5",
    log:
        data_log_dir / "fetch_background-{split}-{start}-{duration}.log",
    params:
        end=lambda wildcards: int(wildcards.start) + int(wildcards.duration),
        channels=_fmt_list(config["channels"]),
        rate=config["sample_rate"],
        further=_further("fetch_data"),
    threads: 4
    resources:
        **rule_resources("fetch_background", "data", local_pool=any(":" in name for name in config["channels"])),
    container:
        DATA_CONTAINER
    shell:
        "fetch-data --start {wildcards.start} --end {params.end} --channels '{params.channels}'"
        " --sample_rate {params.rate} {params.further} --workers {threads} --output_file {output} &> {log}"


rule train_background:
    input:
        train_background_files,


rule test_background:
    input:
        lambda wildcards: background_files("test"),


rule compute_psd:
    input:
        _psd_background,
    output:
        waveform_dir / "{split}" / "psd.hdf5",
    log:
        data_log_dir / "compute_psd-{split}.log",
    params:
        ifos=",".join(config["ifos"]),
        length=config["waveform_duration"],
    container:
        DATA_CONTAINER
    shell:
        "aframe-data psd {input} --ifos {params.ifos} --fft-length {params.length} --overwrite -o {output} &> {log}"


rule testing_waveforms_branch:
    input:
        test_waveforms / "psd.hdf5",
    output:
        waveforms=test_waveforms / "branches" / "{start}-{duration}-{timeslide}" / "waveforms.hdf5",
        rejected=_piece(test_waveforms / "branches" / "{start}-{duration}-{timeslide}" / "rejected_parameters.hdf5"),
    log:
        data_log_dir / "testing_waveforms-{start}-{duration}-{timeslide}.log",
    params:
        start=lambda wildcards: int(wildcards.start) + config["psd_length"],
        end=lambda wildcards: (
            int(wildcards.start) + int(wildcards.duration) - max(timeslide_shifts(int(wildcards.timeslide)))
        ),
        shifts=lambda wildcards: _fmt_list(timeslide_shifts(int(wildcards.timeslide))),
        times=" ".join(f"--{option} {_given(option)}" for option in ("spacing", "buffer", "jitter", "seed")),
        signals=_SIGNALS,
        network=_NETWORK,
    resources:
        **rule_resources("testing_waveforms_branch", "data"),
    container:
        DATA_CONTAINER
    shell:
        "generate-testing-waveforms --start {params.start} --end {params.end} --shifts '{params.shifts}'"
        " {params.times} {params.signals} {params.network} --psd_file {input} --workers {threads}"
        " --waveforms_file {output.waveforms} --rejected_file {output.rejected} &> {log}"


rule aggregate_testing_waveforms:
    input:
        waveforms=_testing_pieces("waveforms"),
        rejected=_testing_pieces("rejected_parameters"),
    output:
        waveforms=test_waveforms / "waveforms.hdf5",
        rejected=test_waveforms / "rejected_parameters.hdf5",
    log:
        data_log_dir / "aggregate_testing_waveforms.log",
    params:
        # Names of folders only: thousands of whole paths do not fit into one shell command.
        branches=lambda wildcards, input: " ".join(Path(path).parent.name for path in input.waveforms),
        folder=test_waveforms / "branches",
    resources:
        **rule_resources("aggregate_testing_waveforms", "data"),
    container:
        DATA_CONTAINER
    shell:
        "exec &> {log}; branches='{params.branches}';"
        " for branch in $branches; do echo {params.folder}/$branch/waveforms.hdf5; done"
        " | aframe-data merge --files-from - --overwrite -o {output.waveforms};"
        " for branch in $branches; do echo {params.folder}/$branch/rejected_parameters.hdf5; done"
        " | aframe-data merge --files-from - --overwrite -o {output.rejected};"
        " for branch in $branches; do {_REMOVE} {params.folder}/$branch/rejected_parameters.hdf5; done"


rule val_waveforms_branch:
    input:
        train_waveforms / "psd.hdf5",
    output:
        _piece(train_waveforms / "validation_tmp" / "waveforms-{vbranch_id}.hdf5"),
    log:
        data_log_dir / "val_waveforms-{vbranch_id}.log",
    params:
        number=config["num_validation_signals"],
        part=lambda wildcards: f"{int(wildcards.vbranch_id) + 1}/{_jobs('validation')}",
        seed=config["seed"],
        signals=_SIGNALS,
        network=_NETWORK,
    resources:
        **rule_resources("val_waveforms_branch", "data"),
    container:
        DATA_CONTAINER
    shell:
        "generate-validation-waveforms --num_signals {params.number} --part {params.part} --seed {params.seed}"
        " {params.signals} {params.network} --psd {input} --workers {threads} --output_file {output} &> {log}"


rule aggregate_val_waveforms:
    input:
        [train_waveforms / "validation_tmp" / f"waveforms-{number}.hdf5" for number in range(_jobs("validation"))],
    output:
        train_waveforms / "val_waveforms.hdf5",
    log:
        data_log_dir / "aggregate_val_waveforms.log",
    params:
        jobs=_jobs("validation"),
        folder=train_waveforms / "validation_tmp",
    resources:
        **rule_resources("aggregate_val_waveforms", "data"),
    container:
        DATA_CONTAINER
    shell:
        "for ((n = 0; n < {params.jobs}; n++)); do echo {params.folder}/waveforms-$n.hdf5; done"
        " | aframe-data merge --files-from - --overwrite -o {output} &> {log}; {_REMOVE} {params.folder}"


if config["pregenerate_training_waveforms"]:

    rule training_waveforms_branch:
        output:
            _piece(train_waveforms / "training_tmp" / "{tbranch_id}.hdf5"),
        log:
            data_log_dir / "training_waveforms-{tbranch_id}.log",
        params:
            number=config["num_training_signals"],
            part=lambda wildcards: f"{int(wildcards.tbranch_id) + 1}/{_jobs('train_waveform')}",
            seed=config["seed"],
            signals=_SIGNALS,
        resources:
            **rule_resources("training_waveforms_branch", "data"),
        container:
            DATA_CONTAINER
        shell:
            "generate-training-waveforms --num_signals {params.number} --part {params.part} --seed {params.seed}"
            " {params.signals} --workers {threads} --output_file {output} &> {log}"

    rule aggregate_training_waveforms:
        input:
            [train_waveforms / "training_tmp" / f"{number}.hdf5" for number in range(_jobs("train_waveform"))],
        output:
            train_waveforms / "training_waveforms.hdf5",
        log:
            data_log_dir / "aggregate_training_waveforms.log",
        params:
            jobs=_jobs("train_waveform"),
            folder=train_waveforms / "training_tmp",
        resources:
            **rule_resources("aggregate_training_waveforms", "data"),
        container:
            DATA_CONTAINER
        shell:
            "for ((n = 0; n < {params.jobs}; n++)); do echo {params.folder}/$n.hdf5; done"
            " | aframe-data merge --files-from - --overwrite -o {output} &> {log}; {_REMOVE} {params.folder}"


if config["aggregate_rules_local"]:

    localrules:
        aggregate_testing_waveforms,
        aggregate_val_waveforms,

    if config["pregenerate_training_waveforms"]:

        localrules:
            aggregate_training_waveforms,
