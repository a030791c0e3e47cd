"""What the GWOSC providers say of themselves, and their options."""

from __future__ import annotations

import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.protocols import EventCatalog, FileFetcher, SegmentSource, StrainFetcher
from aframe_data.plugin.values import resolve
from aframe_data_plugins.gwosc import register_segment_sources, register_strain_fetchers
from aframe_data_plugins.gwosc.options import GwoscOptions, GwoscStrainOptions
from aframe_data_plugins.gwosc.segments import GwoscSegments
from aframe_data_plugins.gwosc.strain import GwoscStrain


class TestRecords:
    def test_the_classes_are_what_the_records_promise(self) -> None:
        (source,) = register_segment_sources()
        (fetcher,) = register_strain_fetchers()
        assert source.load.rsplit(":", maxsplit=1)[-1] == GwoscSegments.__name__
        assert fetcher.load.rsplit(":", maxsplit=1)[-1] == GwoscStrain.__name__
        assert isinstance(GwoscSegments(GwoscOptions()), SegmentSource)
        assert isinstance(GwoscSegments(GwoscOptions()), EventCatalog)
        assert isinstance(GwoscStrain(GwoscStrainOptions()), StrainFetcher)
        assert isinstance(GwoscStrain(GwoscStrainOptions()), FileFetcher)
        assert source.catalog
        assert fetcher.files
        assert fetcher.alignment == 4096

    @pytest.mark.parametrize("flag", ["H1_DATA", "L1_CBC_CAT2", "V1_NO_CBC_HW_INJ", "H2_DATA"])
    def test_open_flags_are_accepted(self, flag: str) -> None:
        (source,) = register_segment_sources()
        assert source.accepts(flag)

    @pytest.mark.parametrize("flag", ["H1:DMT-ANALYSIS_READY:1", "H1", "h1_data", "E1_SCIENCE"])
    def test_other_flags_are_not(self, flag: str) -> None:
        (source,) = register_segment_sources()
        assert not source.accepts(flag)

    def test_a_bare_detector_is_open_data_and_a_channel_is_not(self) -> None:
        (fetcher,) = register_strain_fetchers()
        assert all(fetcher.accepts(name) for name in ("H1", "L1", "V1", "K1", "G1"))
        assert not any(fetcher.accepts(name) for name in ("H1:GDS-CALIB_STRAIN", "X1", "H1_DATA", "H2"))

    def test_the_host_comes_from_the_option_then_the_environment_then_the_public_archive(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GWOSC_SERVER_URL", raising=False)
        assert resolve(GwoscOptions, {}, owner="gwosc").host == "https://gwosc.org"
        monkeypatch.setenv("GWOSC_SERVER_URL", "http://mirror.example")
        assert resolve(GwoscOptions, {}, owner="gwosc").host == "http://mirror.example"
        assert resolve(GwoscOptions, {"host": "http://other.example"}, owner="gwosc").host == "http://other.example"

    def test_the_format_is_one_of_two(self) -> None:
        assert resolve(GwoscStrainOptions, {"format": "gwf"}, owner="gwosc").file_format == "gwf"
        with pytest.raises(UsageError, match="one of hdf5, gwf"):
            resolve(GwoscStrainOptions, {"file_format": "txt"}, owner="gwosc")

    @pytest.mark.parametrize("host", ["gwosc.org", "ftp://gwosc.org", "", "http://"])
    def test_a_host_that_is_no_url_is_refused_at_once(self, host: str) -> None:
        with pytest.raises(UsageError, match=r"--gwosc-host: .* write http"):
            GwoscSegments(GwoscOptions(host=host))
