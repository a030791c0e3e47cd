# Commands of aframe-data in rules, with tiny numbers: what schedulers are tried with. Paths are relative, and all that
# is called is found on PATH.

CHANNELS = ",".join(config["ifos"])
START, DURATION = config["start"], config["duration"]
SIGNALS = (
    f"--prior end_o3_ratesandpops --ifos {CHANNELS} --waveform-duration 4 --sample-rate {config['sample_rate']}"
    f" --highpass 20 --snr-threshold {config['snr_threshold']}"
)


rule all:
    input:
        "segments.txt",
        expand("signals/{seed}.hdf5", seed=config["seeds"]),


rule query:
    output:
        "segments.txt",
    log:
        "logs/query.log",
    params:
        flags=",".join(f"{ifo}_DATA" for ifo in config["ifos"]),
        end=START + DURATION,
    shell:
        "aframe-data query --source simulated --flags {params.flags} --start {START} --end {params.end}"
        " -o {output} &> {log}"


rule fetch:
    input:
        "segments.txt",
    output:
        f"background/background-{START}-{DURATION}.hdf5",
    log:
        "logs/fetch.log",
    shell:
        "aframe-data fetch --source simulated --channels {CHANNELS} --segments {input}"
        " --sample-rate {config[sample_rate]} --workers {threads} -o background &> {log}"


rule psd:
    input:
        rules.fetch.output,
    output:
        "psd.hdf5",
    log:
        "logs/psd.log",
    shell:
        "aframe-data psd {input} --fft-length 4 -o {output} &> {log}"


rule signals:
    input:
        "psd.hdf5",
    output:
        "signals/{seed}.hdf5",
    log:
        "logs/signals-{seed}.log",
    wildcard_constraints:
        seed=r"\d+",
    shell:
        "aframe-data validation-waveforms {SIGNALS} --psd {input} --num-signals {config[num_signals]}"
        " --seed {wildcards.seed} --workers {threads} -o {output} &> {log}"


# Long enough to be killed in the middle.
rule many_signals:
    input:
        "psd.hdf5",
    output:
        "many_signals.hdf5",
    log:
        "logs/many_signals.log",
    shell:
        "aframe-data validation-waveforms {SIGNALS} --psd {input} --num-signals {config[num_many_signals]}"
        " --seed 1 --workers {threads} -o {output} &> {log}"


# A file of segments holds no strain.
rule fails:
    input:
        "segments.txt",
    output:
        "never.hdf5",
    log:
        "logs/fails.log",
    resources:
        # Without a shared file system, HTCondor brings back outputs and no logs.
        htcondor_transfer_output_files="logs/fails.log",
    shell:
        "aframe-data psd {input} -o {output} &> {log}"
