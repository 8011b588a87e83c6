"""Long runs: the rounds of `simulate`, in portions, and checkpoints that a killed run goes on from."""

import gc
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import diracgan as dg
from diracgan.games.measures import Minibatch

DATA = np.random.default_rng(0).normal(size=(60, 2))


def latent(key):
    return jax.random.normal(key, (16, 2), jnp.float32)


def networks(**options):
    keys = jax.random.split(jax.random.key(0))
    return dg.GAN(
        dg.NonSaturating(),
        dg.R1(1.0),
        generator=eqx.nn.MLP(2, 2, 8, 1, key=keys[0]),
        discriminator=eqx.nn.MLP(2, "scalar", 8, 1, jnp.tanh, key=keys[1]),
        **{"latent": latent, "data": Minibatch(DATA, 16), **options},
    )


GAME, ADAM = networks(), dg.Adam(h=1e-3)


def test_a_run_is_that_of_simulate():
    done = dg.train(GAME, ADAM, steps=23, save_every=5)
    path = dg.simulate(GAME, ADAM, GAME.equilibrium, steps=23)
    np.testing.assert_allclose(done.x, path[-1], rtol=0, atol=1e-8)
    assert (done.rounds, done.computed) == (23, 23)
    # A field that draws nothing, with a closed form: the conserved quantity of AltGD on the Wasserstein game.
    x, y = dg.train(dg.method("wgan", clip=9.0), dg.AltGD(h=0.5), (1.0, 0.0), steps=4000).x
    assert float(x**2 + y**2 - 0.5 * x * y) == pytest.approx(1.0, abs=1e-9)


def test_portions_do_not_change_a_bit():
    runs = [dg.train(GAME, ADAM, steps=30, save_every=portion) for portion in (1, 7, 30, 100)]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.x, runs[0].x)


def test_the_callback_sees_every_portion_and_can_end_the_run():
    seen = []
    dg.train(GAME, ADAM, steps=20, save_every=6, callback=lambda k, x: seen.append((k, float(x[0]))))
    assert [k for k, _ in seen] == [6, 12, 18, 20]
    path = dg.simulate(GAME, ADAM, GAME.equilibrium, steps=20)
    np.testing.assert_allclose([value for _, value in seen], [path[k][0] for k in (6, 12, 18, 20)], atol=1e-12)
    assert dg.train(GAME, ADAM, steps=20, save_every=6, callback=lambda k, x: k >= 12).rounds == 12


def test_runs_at_once_are_the_single_runs_with_their_own_keys():
    starts = np.stack([GAME.equilibrium + shift for shift in (0.0, 0.0, 0.1)])
    many = dg.train(GAME, ADAM, starts, steps=12, key=5)
    assert many.x.shape == starts.shape
    assert not np.allclose(many.x[0], many.x[1])
    for i, start in enumerate(starts):
        one = dg.train(GAME, ADAM, start, steps=12, key=jax.random.fold_in(jax.random.key(5), i))
        np.testing.assert_allclose(many.x[i], one.x, rtol=0, atol=1e-12)


def test_without_a_key_the_run_has_the_games_own():
    own = dg.train(networks(key=3), ADAM, steps=6).x
    np.testing.assert_array_equal(own, dg.train(GAME, ADAM, steps=6, key=3).x)
    np.testing.assert_allclose(own, dg.simulate(networks(key=3), ADAM, GAME.equilibrium, 6)[-1], rtol=0, atol=1e-8)
    # Through a transform, too; and what draws nothing keeps the key of its noise.
    start = GAME.equilibrium
    adjusted = [dg.train(dg.Drift(networks(key=key), 0.1), ADAM, start, steps=2).x for key in (None, 0, 3)]
    np.testing.assert_array_equal(adjusted[0], adjusted[1])
    assert not np.allclose(adjusted[0], adjusted[2])
    noisy = networks(latent=np.eye(2), data=np.eye(2), noise=dg.GaussianNoise(0.5, 8), key=3)
    path = dg.simulate(noisy, ADAM, noisy.equilibrium, steps=3)
    np.testing.assert_allclose(dg.train(noisy, ADAM, steps=3).x, path[-1], rtol=0, atol=1e-8)


class Stop(Exception):
    pass


def test_an_interrupted_run_goes_on_bit_for_bit(tmp_path):
    whole = dg.train(GAME, ADAM, steps=40, save_every=8, store=tmp_path / "whole")

    def interrupt(k, x):
        if k == 24:
            raise Stop

    with pytest.raises(Stop):
        dg.train(GAME, ADAM, steps=40, save_every=8, store=tmp_path / "cut", callback=interrupt)
    resumed = dg.train(GAME, ADAM, steps=40, save_every=8, store=tmp_path / "cut", resume=True)
    assert (resumed.rounds, resumed.computed) == (40, 16)
    for one, other in zip(jax.tree.leaves(whole.state), jax.tree.leaves(resumed.state), strict=True):
        np.testing.assert_array_equal(one, other)
    names = lambda store: sorted(path.relative_to(store) for path in store.rglob("*"))
    assert names(tmp_path / "whole") == names(tmp_path / "cut")
    # A finished run is there at once, and can be made longer.
    assert dg.train(GAME, ADAM, steps=40, store=tmp_path / "cut", resume=True).computed == 0
    longer = dg.train(GAME, ADAM, steps=45, store=tmp_path / "cut", resume=True)
    np.testing.assert_array_equal(longer.x, dg.train(GAME, ADAM, steps=45).x)


KILLED = """
import os, signal, sys
import numpy as np
import jax
jax.config.update("jax_enable_x64", True)
import diracgan as dg
dg.train(dg.method("r1"), dg.HeavyBall(h=0.2, beta=0.5), (1.0, 1.0), steps=60, save_every=10, store=sys.argv[1],
         callback=lambda k, x: os.kill(os.getpid(), signal.SIGKILL) if k == 30 else None)
"""


def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "run")], env=dict(os.environ), cwd=Path(dg.__file__).parents[1]
    )
    assert died.returncode == -signal.SIGKILL
    algorithm = dg.HeavyBall(h=0.2, beta=0.5)
    run = lambda **options: dg.train(dg.method("r1"), algorithm, (1.0, 1.0), steps=60, save_every=10, **options)
    resumed = run(store=tmp_path / "run", resume=True)
    assert resumed.computed == 30
    np.testing.assert_array_equal(resumed.x, run().x)


def test_neither_memory_nor_the_store_grow_with_the_rounds(tmp_path):
    counts, files = [], []

    def watch(k, x):
        if k in (8, 24, 40):
            gc.collect()
            counts.append(len(jax.live_arrays()))
        files.append(len(list((tmp_path / "run" / "checkpoints").iterdir())))

    dg.train(GAME, ADAM, steps=40, save_every=4, store=tmp_path / "run", callback=watch)
    assert len(counts) == 3
    assert max(counts) == counts[0]
    assert max(files) == 4


def test_a_store_of_something_else_is_refused(tmp_path):
    store = tmp_path / "run"
    run = lambda **options: dg.train(
        **{"game": GAME, "algorithm": ADAM, "steps": 8, "save_every": 4, "store": store, "resume": True, **options}
    )
    run()
    with pytest.raises(FileExistsError, match="resume=True"):
        run(resume=False)
    for other, named in (
        ({"algorithm": dg.Adam(h=2e-3)}, "algorithm"),
        ({"key": 1}, "key"),
        ({"state": GAME.equilibrium + 1e-3}, "start"),
        ({"game": GAME.replace(data=Minibatch(DATA + 1e-9, 16))}, "numbers"),
        ({"game": GAME.replace(latent=lambda key: latent(key) ** 3)}, "program"),
    ):
        with pytest.raises(ValueError, match=f"holds another run: its {named} "):
            run(**other)
    with pytest.raises(ValueError, match="holds 8 rounds already; steps=4"):
        run(steps=4)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is no store of a run"):
        run(store=tmp_path / "full")
    with pytest.raises(ValueError, match="is a file"):
        run(store=tmp_path / "full" / "notes.txt")


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_serves(tmp_path):
    store = tmp_path / "run"
    whole = dg.train(GAME, ADAM, steps=12, save_every=4, store=store)
    newest = store / "checkpoints" / "000000000012.npz"
    newest.write_bytes(newest.read_bytes()[:-1])
    with pytest.raises(ValueError, match="missing or was altered; delete"):
        dg.train(GAME, ADAM, steps=12, save_every=4, store=store, resume=True)
    newest.with_suffix(".json").unlink()
    again = dg.train(GAME, ADAM, steps=12, save_every=4, store=store, resume=True)
    assert again.computed == 4
    np.testing.assert_array_equal(again.x, whole.x)
    assert json.loads((store / "manifest.json").read_text())["format"].startswith("diracgan training")


def test_bad_starts_and_numbers_are_named():
    for said, wrong in (
        (r"state must have shape \(\d+,\) or", lambda: dg.train(GAME, ADAM, np.zeros(4))),
        ("state must be finite", lambda: dg.train(GAME, ADAM, np.full(GAME.dimension, np.inf))),
        ("steps must be an integer", lambda: dg.train(GAME, ADAM, steps=-1)),
        ("key must be an integer with 0 <= key", lambda: dg.train(GAME, ADAM, key=-1)),
        ("key must be one key", lambda: dg.train(GAME, ADAM, key=jax.random.split(jax.random.key(0)))),
        ("resume must be True or False", lambda: dg.train(GAME, ADAM, resume=2)),
        ("store must be a path", lambda: dg.train(GAME, ADAM, store="")),
        ("save_every must be an integer", lambda: dg.train(GAME, ADAM, steps=5, save_every=0)),
    ):
        with pytest.raises(ValueError, match=said):
            wrong()
    for said, wrong in (
        ("an algorithm such as", lambda: dg.train(GAME, 0.1)),
        ("callback must be a function of the rounds done", lambda: dg.train(GAME, ADAM, callback=lambda k: None)),
        ("key must be an integer", lambda: dg.train(GAME, ADAM, key=0.5)),
    ):
        with pytest.raises(TypeError, match=said):
            wrong()


def test_a_diverging_run_is_a_result():
    done = dg.train(dg.FunctionField(lambda x: x**3), dg.SimGD(h=1.0), (2.0, 1.0), steps=200)
    assert not np.all(np.isfinite(done.x))
    assert done.rounds == 200
