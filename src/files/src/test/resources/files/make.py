#!/usr/bin/env python3
"""Makes the files beside it, which the tests read: by NumPy 1.24 and h5py 3.7, so that levinv reads what they write."""
import pathlib

import h5py
import numpy as np

folder = pathlib.Path(__file__).parent
A = np.array([[1, 2], [3, 4], [5, 6]], dtype="f8")
named = {
    "f8": np.array([1.5, -2.25, 1e300]),
    "f4": np.array([1.5, -2.25, 1e38], "f4"),
    "f2": np.array([1.5, -2.25, 65504, 2.0**-24, 2.0**-14, -0.0], "f2"),
    "big_f8": np.array([1.5, -2.25, 1e300], ">f8"),
    "big_f4": np.array([1.5, -2.25, 1e38], ">f4"),
    "big_f2": np.array([1.5, -2.25, 65504], ">f2"),
    "i1": np.array([-128, 0, 127], "i1"),
    "i2": np.array([-32768, 0, 32767], "i2"),
    "i4": np.array([-(2**31), 0, 2**31 - 1], "i4"),
    "i8": np.array([-(2**63), 0, 2**53 + 1, 2**63 - 1], "i8"),
    "big_i2": np.array([-32768, 0, 32767], ">i2"),
    "big_i8": np.array([-(2**63), 0, 2**53 + 1], ">i8"),
    "u1": np.array([0, 255], "u1"),
    "u2": np.array([0, 65535], "u2"),
    "u4": np.array([0, 2**32 - 1], "u4"),
    "u8": np.array([0, 2**63, 2**63 + 1025, 2**64 - 1], "u8"),
    "bool": np.array([True, False, True]),
    "A": A,
    "A_fortran": np.asfortranarray(A),
}
np.savez(folder / "stored.npz", **named)
np.savez_compressed(folder / "deflated.npz", **named)

wide = np.arange(40.0 * 30).reshape(40, 30) / 7
with h5py.File(folder / "numbers.h5", "w", userblock_size=512) as h5:
    h5["together"] = A
    h5["single"] = A.astype("f4")
    h5["big"] = A.astype(">f8")
    h5["half"] = A.astype("f2")
    h5["integers"] = A.astype("i2")
    h5["unsigned"] = np.array([0, 2**63 + 1025], "u8")
    h5["flags"] = np.array([True, False])
    h5["group/vector"] = np.array([1.0, 2.0, 3.0])
    h5.create_dataset("gzip", data=wide, chunks=(16, 8), compression="gzip", shuffle=True)
    h5.create_dataset("lzf", data=wide, chunks=(7, 30), compression="lzf")
    h5.create_dataset("lzf_runs", data=wide // 50, chunks=(40, 30), compression="lzf", shuffle=True)
    h5.create_dataset("sums", data=wide.astype("f4"), chunks=(40, 7), fletcher32=True)
    h5.create_dataset("growing", data=wide[:, 0], maxshape=(None,), chunks=(9,))
    h5.create_dataset("unwritten", (3, 2), "f8")
    h5.create_dataset("holes", (40, 30), "f8", chunks=(10, 30), fillvalue=7.0)[:10] = 1
    h5["words"] = "no numbers"
    h5["complex"] = A.astype("c16")
with h5py.File(folder / "one.hdf5", "w", libver="latest") as h5:
    h5.create_dataset("A", data=A, chunks=(2, 2))
