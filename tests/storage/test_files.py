"""Files appear whole or not at all, wherever they are written to and whatever is there already."""

import errno
import os
import pathlib
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest

from diracgan import plotting
from diracgan.command.main import main
from diracgan.explorer import page
from diracgan.storage import files

JS = ["export-js", "r1", "--out"]
posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# What is there already.


@posix
def test_a_file_keeps_its_mode_and_a_new_one_follows_the_umask(tmp_path):
    private, new = tmp_path / "private.js", tmp_path / "new.js"
    private.write_text("old")
    private.chmod(0o600)
    before = os.umask(0o027)
    try:
        assert main([*JS, str(private)]) == main([*JS, str(new)]) == 0
    finally:
        os.umask(before)
    assert "velocity" in private.read_text(encoding="utf-8")
    assert (mode(private), mode(new)) == (0o600, 0o640)


@posix
def test_nobody_else_may_read_the_temporary_file_of_a_private_one(tmp_path):
    private = tmp_path / "private"
    private.write_text("old")
    private.chmod(0o600)
    with files.whole(private) as temporary:
        assert mode(temporary) == 0o600


@posix
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path):
    (tmp_path / "real").mkdir()
    target, link, broken = tmp_path / "real" / "x.js", tmp_path / "link.js", tmp_path / "broken.js"
    target.write_text("old")
    link.symlink_to(target)
    broken.symlink_to(tmp_path / "elsewhere" / "y.js")
    assert main([*JS, str(link)]) == main([*JS, str(broken)]) == 0
    assert link.is_symlink() and broken.is_symlink()
    assert "velocity" in target.read_text(encoding="utf-8")
    assert (tmp_path / "elsewhere" / "y.js").read_bytes() == target.read_bytes()
    assert sorted(os.listdir(tmp_path / "real")) == ["x.js"]


@posix
def test_a_fifo_is_written_to_and_stays_one(tmp_path):
    fifo, read = tmp_path / "path.csv", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
    reader.start()
    assert main(["trajectory", "wgan", "--h", "0.5", "--start", "1", "0", "--steps", "2", "--out", str(fifo)]) == 0
    reader.join()
    assert read[0].splitlines() == ["step,theta,psi", "0,1,0", "1,1,0.5", "2,0.75,1"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert os.listdir(tmp_path) == ["path.csv"]


@posix
@pytest.mark.parametrize("into", ["pipe", "file"])
def test_the_standard_output_is_a_file_like_any_other(into, tmp_path):
    """What is printed about it goes to the error stream, so that the output is nothing but the table."""
    words = "trajectory wgan --h 0.5 --start 1 0 --steps 2 --out /dev/stdout".split()
    run = [sys.executable, "-m", "diracgan", *words]
    if into == "pipe":
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        table = done.stdout
    else:
        with (tmp_path / "x.csv").open("w") as file:
            done = subprocess.run(run, stdout=file, stderr=subprocess.PIPE, text=True, check=True)
        table = (tmp_path / "x.csv").read_text()
        assert os.listdir(tmp_path) == ["x.csv"]
    assert table.splitlines() == ["step,theta,psi", "0,1,0", "1,1,0.5", "2,0.75,1"]
    assert done.stderr == "bounded: /dev/stdout\n"


@posix
def test_a_device_is_not_replaced(tmp_path):
    assert main([*JS, os.devnull]) == 0
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


# What may happen meanwhile.


@pytest.mark.parametrize("name", ["x.csv", "x.npz", "x.gif"])
def test_a_full_disk_names_the_file_and_leaves_the_earlier_one(name, tmp_path):
    """A limit on the size of files fails in the middle of writing, as a full disk does."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    file = tmp_path / name
    file.write_bytes(b"earlier")
    draw = lambda ax, value: ax.plot(np.random.default_rng(value).normal(size=2000))
    table = {"x": np.random.default_rng(0).normal(size=20_000)}
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(OSError, match=rf"{name}' could not be written: .*{os.strerror(errno.EFBIG)}"):
            plotting.film(draw, range(3), file) if name == "x.gif" else files.save_table(file)(table)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_bytes() == b"earlier"
    assert os.listdir(tmp_path) == [name]


def remains(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(files.PARTIAL))


@posix
def test_what_a_killed_writer_left_is_swept_up_and_a_living_one_s_is_not(tmp_path):
    script = (
        "import sys, os, diracgan.storage.files as f\nwith f.whole(sys.argv[1]) as t: t.write_text('half'); os._exit(9)"
    )
    for name in ("x.js", "other.js"):
        subprocess.run([sys.executable, "-c", script, tmp_path / name])
    assert len(remains(tmp_path)) == 2
    with files.whole(tmp_path / "x.js") as living:
        living.write_text("first")
        files.write_text(tmp_path / "x.js", "second")
        assert living.name in remains(tmp_path)
    assert (tmp_path / "x.js").read_text() == "first"
    assert [name[:10] for name in remains(tmp_path)] == [".other.js-"]


def test_an_error_in_the_block_leaves_everything_as_it_was(tmp_path):
    file = tmp_path / "x"
    file.write_text("earlier")
    with pytest.raises(ZeroDivisionError), files.whole(file) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert file.read_text() == "earlier" and os.listdir(tmp_path) == ["x"]


# One rule for every place.

OUT = {
    "trajectory r1 --steps 2 --out": "x.csv",
    "portrait r1 --algorithm simgd --steps 2 --out": "x.png",
    "atlas stability r1 --over h=1:2:2 --over gamma=1:2:2 --out": "x.png",
    "export-js r1 --out": "x.js",
    "sweep r1 --over h=1:2:2 --store": "x",
}


@pytest.mark.parametrize("command", OUT)
def test_missing_directories_are_made_and_a_file_is_no_directory(command, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert main([*command.split(), str(tmp_path / "file" / "deep" / OUT[command])]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and str(tmp_path / "file") in said
    assert (tmp_path / "file").read_text() == "mine"
    assert main([*command.split(), str(tmp_path / "new" / "er" / OUT[command])]) == 0
    assert (tmp_path / "new" / "er" / OUT[command]).exists()


@pytest.mark.parametrize("command", [words for words in OUT if "--out" in words])
def test_a_directory_is_no_file(command, tmp_path, capsys):
    for place in (tmp_path, pathlib.Path(tmp_path.anchor)):
        assert main([*command.split(), str(place)]) == 2
        assert "is a directory: give the name of a file" in capsys.readouterr().err


def test_a_directory_without_permission_is_named(tmp_path, monkeypatch):
    # Asked of the system and not tried: the superuser, who may run the tests, may write everywhere.
    monkeypatch.setattr(files.os, "access", lambda path, _: str(path) != str(tmp_path.resolve()))
    with pytest.raises(OSError, match=f"no permission to write {str(tmp_path.resolve())!r}"):
        files.place(tmp_path / "x")
    (tmp_path / "mine").mkdir()
    assert files.place(tmp_path / "mine" / "x") == tmp_path / "mine" / "x"


# The page that is kept.


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and how often a page was compiled."""
    built = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(page, "page", lambda: built.append(1) or f'<html>μ {page._MARK}"";</html>')
    return tmp_path / "cache" / "diracgan", built


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:-40], lambda data: data.replace(b"html", b"hxml")]
)
def test_a_damaged_page_is_compiled_anew(damage, cache):
    folder, built = cache
    text, file = page.kept()
    assert page.kept() == (text, file) and len(built) == 1
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert page.kept() == (text, file) and len(built) == 2
    assert file.read_bytes() == whole
    assert page.cached_page("#m=gan") == text.replace('""', '"#m=gan"')
    assert os.listdir(folder) == [file.name]


def test_older_pages_are_removed(cache):
    folder, _ = cache
    folder.mkdir(parents=True)
    (folder / "explorer-0123.html").write_text("old")
    (folder / "mine.txt").write_text("mine")
    file = page.kept()[1]
    assert sorted(os.listdir(folder)) == sorted([file.name, "mine.txt"])


@pytest.mark.parametrize("obstacle", ["file", "no home"])
def test_no_cache_folder_is_needed(obstacle, cache, tmp_path, monkeypatch, capsys):
    folder, _ = cache
    if obstacle == "file":
        folder.parent.write_text("not a directory")
    else:
        monkeypatch.delenv("XDG_CACHE_HOME")

        def homeless(self):
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(pathlib.Path, "expanduser", homeless)
    target = tmp_path / "here.html"
    assert main(["explore", "--no-open", "--out", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith("<html>μ")
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["explore", "--no-open"]) == 0
    assert capsys.readouterr().out == "explorer.html\n"
    assert page.cached_page().startswith("<html>μ")
