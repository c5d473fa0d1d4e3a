"""The self-check of a generated module: every gradient against differences along a random direction."""

from __future__ import annotations

__all__ = ["SELF_CHECK"]

SELF_CHECK = '''def self_check(seed=0):
    """Compare every gradient with a Richardson difference on random data; the largest relative difference.

    Raises AssertionError when it is above what differences in this dtype can explain.
    """
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(size=shape).astype(DTYPE) / max(1, shape[-1]) ** 0.5 for name, shape in SHAPES}
    x, y = example(rng)
    result = evaluate(params, x, y)
    eps = float(np.finfo(DTYPE).eps)
    h = eps ** 0.2
    worst = 0.0
    for name, shape in SHAPES:
        direction = rng.normal(size=shape).astype(DTYPE)

        def along(t, name=name, direction=direction):
            return evaluate({**params, name: (params[name] + t * direction).astype(DTYPE)}, x, y).loss

        wide = (along(2 * h) - along(-2 * h)) / (4 * h)
        near = (along(h) - along(-h)) / (2 * h)
        difference = (4 * near - wide) / 3
        gradient = np.asarray(result.gradients[name]).astype(float)
        exact = float((gradient * direction).sum())
        size = float(np.abs(gradient * direction).sum())
        allowed = 50 * abs(near - wide) + 1e3 * eps * abs(result.loss) / h + 100 * eps * size
        assert abs(exact - difference) <= allowed, f"{name}: {exact} against {difference} by differences"
        worst = max(worst, abs(exact - difference) / (size or 1.0))
    return worst


def example(rng):
    """A random example in the shapes of this network."""
    if "WIDTHS" in globals():  # a dense network
        return rng.normal(size=(3, WIDTHS[0])).astype(DTYPE), rng.normal(size=(3, WIDTHS[-1])).astype(DTYPE)
    return (float(rng.normal()) if HAS_INPUT else None), (float(rng.normal()) if HAS_TARGET else None)


if __name__ == "__main__":
    print(f"all gradients agree with differences; largest relative difference {self_check():.1e}")'''
