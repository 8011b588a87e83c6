"""What the command says of itself: every help ends with examples, and every example is one that it takes."""

import argparse
import re
import shlex

import pytest

from diracgan.command.main import build_parser


def parsers(parser, words=()):
    """Every parser with the words that lead to it."""
    yield words, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from parsers(below, (*words, word))


HELPS = {" ".join(words): parser.format_help() for words, parser in parsers(build_parser()) if words}
EXAMPLES = [line.strip() for text in HELPS.values() for line in re.findall(r"^  diracgan .*$", text, re.MULTILINE)]


@pytest.mark.parametrize("name", HELPS)
def test_every_help_has_examples(name):
    text = HELPS[name]
    assert f"\n  diracgan {name}" in text.partition("for example:")[2]
    about = text.partition("\n\n")[2].splitlines()[0]
    assert about[0].isupper() and text.startswith("usage: diracgan")


@pytest.mark.parametrize("line", dict.fromkeys(EXAMPLES))
def test_every_example_is_understood(line):
    options = build_parser().parse_args(shlex.split(line)[1:])
    assert callable(options.run)


def test_the_first_help_tells_how_to_begin(capsys):
    text = build_parser().format_help()
    for line in re.findall(r"^  diracgan (.*?)(?:  |$)", text.partition("begin with:")[2], re.MULTILINE):
        if "COMMAND" not in line:
            assert callable(build_parser().parse_args(shlex.split(line)).run)


def test_a_parameter_says_whose_it_is():
    words = " ".join(HELPS["spectrum"].split())
    assert "bound on |ψ| enforced after every update (wgan; finite and > 0)" in words
    assert re.search(r"weight of the regulariser \(\d\d of \d\d methods; finite and >= 0\)", words)
