"""The landing keeps every response that was acknowledged, whatever happens to the process or the file."""

import datetime as dt
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import BoardhouseError
from orchestration.landing import spool as spool_module
from orchestration.landing.records import Response
from orchestration.landing.spool import Damage, encode, read_spool
from orchestration.landing.store import Landing

NOON = dt.datetime(2025, 2, 5, 3, 0, tzinfo=dt.UTC)


def response(number: int = 0, body: bytes | None = None, **given: object) -> Response:
    fields: dict = {
        "board_id": "news",
        "run_id": "r1",
        "purpose": "list",
        "url_asked": f"https://board.example/news?page={number}",
        "url": f"https://board.example/news?page={number}",
        "status": 200,
        "headers": {"content-type": "text/html; charset=UTF-8"},
        "fetched_at": NOON + dt.timedelta(seconds=number),
        "body": body if body is not None else f"<html>쪽 {number}</html>".encode(),
        "sweep": "linear-1",
        "note": None,
        "document_id": number or None,
    }
    return Response(**{**fields, **given})


def land(landing: Landing, *responses: Response, run_id: str = "r1", board_id: str = "news") -> Path:
    with landing.writer(run_id, board_id) as spool:
        for item in responses:
            spool.append(item)
        return spool.path


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def test_a_response_comes_back_as_it_was_from_the_spool_and_from_the_sealed_file(landing: Landing) -> None:
    all_bytes = response(1, body=bytes(range(256)) * 9, headers={}, note="다시", document_id=None)
    land(landing, all_bytes, response(2, body=b""))
    live = list(landing.responses())
    landing.seal()
    assert live == list(landing.responses()) == [all_bytes, response(2, body=b"")]
    assert landing.get(all_bytes.response_id) == all_bytes


def test_a_spool_is_readable_by_any_zstd(landing: Landing) -> None:
    path = land(landing, response(1), response(2))
    with path.open("rb") as file:
        data = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    assert response(1).body in data and response(2).body in data


def test_sealed_files_stand_by_board_and_kst_day_of_fetch(landing: Landing) -> None:
    late = response(3, fetched_at=dt.datetime(2025, 2, 5, 15, 30, tzinfo=dt.UTC))  # 00:30 of the 6th in Seoul
    land(landing, response(1), late)
    landing.seal()
    assert [str(p.relative_to(landing.folder)) for p in landing.sealed_files("news")] == [
        "sealed/board_id=news/fetched_on=2025-02-05/r1.news.parquet",
        "sealed/board_id=news/fetched_on=2025-02-06/r1.news.parquet",
    ]
    assert list(landing.responses("news")) == [response(1), late]
    assert not list((landing.folder / "spool").iterdir())


def test_reading_is_by_board_run_and_purpose(landing: Landing) -> None:
    land(landing, response(1), response(2, purpose="article"))
    land(landing, response(3, run_id="r2"), run_id="r2")
    land(landing, response(4, board_id="other"), board_id="other")
    for _ in range(2):
        assert {r.document_id for r in landing.responses("news")} == {1, 2, 3}
        assert {r.document_id for r in landing.responses(run_id="r1")} == {1, 2, 4}
        assert {r.document_id for r in landing.responses("news", purposes=["article"])} == {2}
        assert {e.document_id for e in landing.entries()} == {1, 2, 3, 4}
        landing.seal()


@given(st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_a_torn_tail_is_cut_off(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    landing = Landing(tmp_path_factory.mktemp("torn"))
    path = land(landing, response(1))
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(encode(response(2))[:-1][:cut])
    assert list(landing.responses()) == [response(1)]
    land(landing, response(3))
    assert list(landing.responses()) == [response(1), response(3)]
    assert path.stat().st_size == whole + len(encode(response(3)))
    assert not landing.seal().damaged


def test_a_damaged_record_in_the_middle_is_reported_and_loses_no_other(landing: Landing) -> None:
    path = land(landing, response(1), response(2), response(3))
    data = bytearray(path.read_bytes())
    middle = len(encode(response(1))) + 40
    data[middle] ^= 0xFF
    path.write_bytes(bytes(data))
    land(landing, response(4))
    sealing = landing.seal()
    assert [r.document_id for r in landing.responses()] == [1, 3, 4]
    assert [(d.start, d.end) for d in sealing.damaged] == [
        (len(encode(response(1))), len(encode(response(1))) + len(encode(response(2))))
    ]
    kept = landing.folder / "damaged" / path.name
    assert str(kept) in str(sealing.damaged[0]), "where an operator finds the bytes once the spool is sealed"
    assert kept.read_bytes()[: len(data)] == bytes(data)


def test_a_last_record_of_full_length_but_wrong_bytes_is_reported_not_cut(landing: Landing) -> None:
    path = land(landing, response(1), response(2))
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(bytes(data))
    land(landing, response(3))
    assert [r.document_id for r in landing.responses()] == [1, 3]
    assert len(landing.seal().damaged) == 1


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_one_wrong_byte_anywhere_costs_one_record_at_most(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("byte") / "r1.news.zst"
    originals = [response(n, body=hashlib.sha256(bytes([n])).digest()) for n in range(1, 5)]
    records = [encode(item) for item in originals]
    whole = bytearray(b"".join(records))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(whole))
    with path.open("rb") as file:
        items = list(read_spool(file, path))
    read = [item for item in items if isinstance(item, Response)]
    assert len(read) >= 3 and read == [item for item in originals if item in read]
    assert len(read) == 4 or any(isinstance(item, Damage) for item in items)


def test_a_spool_that_is_written_is_not_sealed(landing: Landing) -> None:
    with landing.writer("r1", "news") as spool:
        spool.append(response(1))
        assert not landing.seal().files
        spool.append(response(2))
    landing.seal()
    assert len(list(landing.responses())) == 2


def test_two_writers_of_one_spool_are_refused_in_one_line(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_LOCK_WAIT_SECONDS", 0.1)
    with landing.writer("r1", "news"), pytest.raises(BoardhouseError, match="another process writes it"):
        landing.writer("r1", "news")


def test_sealing_again_and_going_on_after_sealing_add_up(landing: Landing) -> None:
    path = land(landing, response(1), response(2))
    spooled = path.read_bytes()
    landing.seal()
    before = landing.sealed_files()[0].read_bytes()
    path.write_bytes(spooled)  # as if the crash came between rename and removal
    assert list(landing.responses()) == [response(1), response(2)]
    landing.seal()
    assert landing.sealed_files()[0].read_bytes() == before
    land(landing, response(2), response(3))  # the same run continued
    landing.seal()
    assert list(landing.responses()) == [response(1), response(2), response(3)]


def test_a_reader_that_began_before_a_seal_misses_nothing(landing: Landing) -> None:
    land(landing, *(response(n) for n in range(1, 50)))
    reader = landing.responses()
    first = next(reader)
    landing.seal()
    assert [first, *reader] == [response(n) for n in range(1, 50)]


def test_a_full_disk_is_one_clear_line_and_keeps_what_landed(landing: Landing) -> None:
    """By a file size limit of the process: the kernel writes a part and then refuses, as a full disk does."""
    program = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_landing import response, Landing
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
import os
with Landing(Path({str(landing.folder)!r})).writer("r1", "news") as spool:
    for number in range(1, 100):
        spool.append(response(number, body=os.urandom(500)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "BoardhouseError" in done.stderr.splitlines()[-1] and "cannot be written" in done.stderr.splitlines()[-1]
    assert [r.document_id for r in landing.responses()] == [1, 2, 3]


def test_an_unreadable_sealed_file_is_named(landing: Landing) -> None:
    land(landing, response(1))
    landing.seal()
    path = landing.sealed_files()[0]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BoardhouseError, match=r"r1\.news\.parquet: cannot be read"):
        list(landing.responses())


def test_an_unknown_id_is_a_key_error(landing: Landing) -> None:
    land(landing, response(1))
    with pytest.raises(KeyError):
        landing.get("0" * 32)


def test_pages_of_one_board_take_a_small_part_of_their_bytes_when_sealed(landing: Landing) -> None:
    """The aim of 0.25 of the bytes served, on pages that share their frame as a board's do."""
    frame = os.urandom(6000).hex().encode()
    pages = [response(n, body=frame + os.urandom(150).hex().encode() + frame) for n in range(1, 200)]
    land(landing, *pages)
    landing.seal()
    size = sum(p.stat().st_size for p in landing.sealed_files())
    assert size < 0.05 * sum(len(p.body) for p in pages)


def test_a_flipped_byte_in_a_sealed_file_is_an_error_that_names_it_and_never_another_text(landing: Landing) -> None:
    landed = [response(n, body=os.urandom(3000)) for n in range(1, 4)]
    land(landing, *landed)
    (path,) = landing.seal().files
    whole = path.read_bytes()
    refused = 0
    for at in range(4, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            assert list(landing.responses()) == landed, f"byte {at}"  # a byte that says nothing, such as a statistic
        except BoardhouseError as error:
            refused += 1
            assert "r1.news.parquet: cannot be read" in str(error) and "\n" not in str(error)
    assert refused > 80
