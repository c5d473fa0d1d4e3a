"""Parameters come from files of the libraries that people use, exactly; nothing is unpickled or guessed, and every
mistake is one line."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import ShapeError, SymgradError
from symgrad.numeric import array_files
from symgrad.numeric.model_files import load_parameters, widths_in

NET = sg.dense([4, 3, 2], activation="tanh")
RNG = np.random.default_rng(0)
W1, B1, W2, B2 = (RNG.normal(size=shape).astype("f4") for shape in ((3, 4), 3, (2, 3), 2))
OURS = {"w1": W1, "b1": B1, "w2": W2, "b2": B2}
TORCH = {"0.weight": W1, "0.bias": B1, "2.weight": W2, "2.bias": B2}
KERAS = {"dense/kernel:0": W1.T, "dense/bias:0": B1, "dense_1/kernel:0": W2.T, "dense_1/bias:0": B2}


def saved(tmp_path, *unnamed, name="model.npz", **arrays):
    np.savez(tmp_path / name, *unnamed, **arrays)
    return tmp_path / name


def same(found, zero_biases=False):
    expected = {**OURS, **({"b1": 0 * B1, "b2": 0 * B2} if zero_biases else {})}
    return list(found) == list(OURS) and all(
        found[k].dtype == np.float64 and np.array_equal(found[k], expected[k]) for k in OURS)


@pytest.mark.parametrize("arrays", [
    OURS, TORCH, KERAS, {k.upper(): v for k, v in reversed(OURS.items())},
    {"layers.10.linear.weight": W2, "layers.2.linear.weight": W1, "layers.10.linear.bias": B2, "layers.2.linear.bias": B1},
    {"encoder.weight": W1, "encoder.bias": B1, "decoder.weight": W2, "decoder.bias": B2},
    {"weights_1": W1, "bias_1": B1, "weights_2": W2, "bias_2": B2},
    {k: v.astype(">f8") for k, v in OURS.items()}, {k: np.asfortranarray(v) for k, v in OURS.items()},
], ids=["ours", "torch", "keras", "capitals", "layer10", "words", "numbers last", "big-endian", "fortran"])
def test_names_and_layouts_of_many_libraries_give_the_same_parameters(tmp_path, arrays):
    assert same(load_parameters(saved(tmp_path, **arrays), NET)) and same(NET.load_parameters(tmp_path / "model.npz"))


def test_arrays_without_names_come_in_the_order_of_the_layers(tmp_path):
    assert same(load_parameters(saved(tmp_path, W1, B1, W2, B2), NET))
    assert same(load_parameters(saved(tmp_path, W1, W2), NET), zero_biases=True)
    with pytest.raises(SymgradError, match="arr_3"):
        load_parameters(saved(tmp_path, W1, W2, B1, B2), NET)


def test_the_state_dict_of_pytorch_is_read_and_its_objects_are_not(tmp_path):
    torch = pytest.importorskip("torch", reason="extra: torch")
    state = {k: torch.tensor(v) for k, v in TORCH.items()}
    for name, content, options in [("a.pt", state, {}), ("b.pth", {"epoch": 3, "model_state_dict": state}, {}),
                                   ("c.pt", state, {"_use_new_zipfile_serialization": False})]:
        torch.save(content, tmp_path / name, **options)
        assert same(load_parameters(tmp_path / name, NET))
    torch.save({k: v.bfloat16() for k, v in state.items()}, tmp_path / "short.pt")
    assert np.array_equal(load_parameters(tmp_path / "short.pt", NET)["w1"], state["0.weight"].bfloat16().double().numpy())

    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"0.weight": Bomb()}, tmp_path / "bomb.pt")
    with pytest.raises(SymgradError, match="objects beside tensors"):
        load_parameters(tmp_path / "bomb.pt", NET)
    assert not (tmp_path / "ran").exists()


def test_every_safetensors_type_of_numbers_is_taken_exactly(tmp_path):
    pytest.importorskip("safetensors", reason="extra: safetensors")
    bits = {k: (v.view("u4") >> 16).astype("<u2") for k, v in TORCH.items()}            # bfloat16, which NumPy has not
    ends = np.cumsum([0, *(v.nbytes for v in bits.values())]).tolist()
    told = json.dumps({k: {"dtype": "BF16", "shape": v.shape, "data_offsets": ends[n:n + 2]}
                       for n, (k, v) in enumerate(bits.items())}).encode()
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(told)) + told + b"".join(map(bytes, bits.values())))
    found = load_parameters(tmp_path / "m.safetensors", NET)
    for mine, theirs in zip(OURS, TORCH, strict=True):
        assert np.array_equal(found[mine], (bits[theirs].astype("u4") << 16).view("f4"))


def test_widths_are_read_off_the_shapes(tmp_path):
    assert widths_in(saved(tmp_path, **KERAS)) == [4, 3, 2]
    with pytest.raises(ShapeError, match="transposes fit"):
        widths_in(saved(tmp_path, **{k: v.T for k, v in OURS.items()}))


@pytest.mark.parametrize(("arrays", "words"), [
    ({**OURS, "w1": W1.T}, "its transpose fits"),
    ({"w1": W1, "w2": W2, "b2": B2}, "no bias beside 'w1'"),
    ({"w1": W1, "b1": B1, "b2": B2}, "no weights of that layer"),
    ({**OURS, "w3": W2, "b3": B2}, "holds 'w3', which the network has not"),
    ({**OURS, "optimizer.step": B1}, "neither the weights nor the bias"),
    ({**TORCH, "1.weight": B1}, "a matrix"),
    ({**TORCH, "00.weight": W1}, "order of the layers open"),
    ({"first.weight": W2, "second.weight": W2}, "order of the layers open"),
    ({**OURS, "W1": W1}, "name the same array"),
    ({**OURS, "b1": np.array(1.0)}, "shape ()"),
    ({**OURS, "b1": B1 * np.nan}, "entry (0,) is nan"),
    ({**OURS, "b1": B1 * 1j}, "complex"),
    ({**OURS, "b1": np.array([2**60 + 1, 0, 0])}, "2^53"),
    ({k: v.astype(object) for k, v in OURS.items()}, "never unpickled"),
    ({k: v.astype(str) for k, v in OURS.items()}, "no number"),
    ({}, "no arrays"),
])
def test_arrays_that_are_not_the_parameters_are_named(tmp_path, arrays, words):
    with pytest.raises(SymgradError) as caught:
        load_parameters(saved(tmp_path, **arrays), NET)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_layers_named_by_words_are_ordered_only_where_shapes_leave_no_choice(tmp_path):
    square = sg.dense([2, 2, 2], activation="tanh")
    with pytest.raises(SymgradError, match="leave the order of the layers open"):
        load_parameters(saved(tmp_path, **{"encoder.weight": np.eye(2), "decoder.weight": np.ones((2, 2))}), square)


def header(shape, dtype="<f8"):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (63 - (len(text) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(("member", "words"), [
    (header("(99999999999, 99999999999)"), "claims the shape"),
    (header("(-1, 4)"), "claims the shape"),
    (header("(1,)") + bytes(16), "longer than its header"),
    (header("(2,)", "|O"), "never unpickled"),
    (b"\x93NUMPY\x09\x00", "version"),
    (b"hello", "npz file"),
])
def test_headers_are_checked_before_memory_is_taken(tmp_path, member, words):
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
        archive.writestr("w1.npy", member)
    with pytest.raises(SymgradError, match=words):
        load_parameters(tmp_path / "m.npz", NET)


def test_an_archive_that_unfolds_beyond_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "m.npz", w1=np.zeros(10**5))
    monkeypatch.setattr(array_files, "LARGEST", 10**5)
    with pytest.raises(SymgradError, match="GB"):
        load_parameters(tmp_path / "m.npz", NET)


def test_damaged_files_are_one_line_wherever_the_damage_is(tmp_path):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **OURS)
    whole, refused = buffer.getvalue(), 0
    for place in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[place] ^= 0x55
        for data in (bytes(broken), whole[:place]):
            (tmp_path / "m.npz").write_bytes(data)
            try:
                assert same(load_parameters(tmp_path / "m.npz", NET))         # a byte that says nothing about the arrays
            except SymgradError as error:
                refused += 1
                assert "\n" not in str(error)
    assert refused > len(whole) // 7


@pytest.mark.parametrize(("name", "words"), [
    ("absent.npz", "no file"), ("folder.npz", "a folder"), ("empty.npz", "is empty"), ("text.npz", "no .npz file"),
    ("text.safetensors", "no .safetensors file"), ("text.pt", "damaged"), ("m.pkl", "never read"), ("m.h5", "get_weights"),
    ("m.onnx", "not from 'm.onnx'"), ("m", "not from 'm'"), ("loop.npz", "no file"), ("a\0b.npz", "no file"),
])
def test_what_is_no_file_of_arrays_is_named(tmp_path, name, words):
    if name.startswith("text"):
        pytest.importorskip({"npz": "numpy", "pt": "torch"}.get(name.partition(".")[2], "safetensors"))
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "empty.npz").touch()
    (tmp_path / "loop.npz").symlink_to("loop.npz")
    if name.startswith(("text", "m")):
        (tmp_path / name).write_text("hello")
    with pytest.raises(SymgradError, match=words) as caught:
        load_parameters(tmp_path / name, NET)
    assert "\n" not in str(caught.value)


def test_a_chain_reads_its_vector_of_weights(tmp_path):
    np.save(tmp_path / "w.npy", np.arange(3.0))
    for path in (tmp_path / "w.npy", saved(tmp_path, W=np.arange(3))):
        assert load_parameters(path, sg.chain(3, "tanh"))["w"].tolist() == [0, 1, 2]
