"""Brings a PEFT adapter folder from elsewhere into the catalog."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy

from engine.catalog.adapter_fit import misfit
from engine.catalog.adapter_scan import ScannedAdapter, scan_adapter
from engine.catalog.safetensors_header import Tensor
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.tasks import ImportAdapterTask
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_hash
from engine.store.publish import file_of, publish_folder

PASSPORT = "passport.json"
PASSPORT_LIMIT = 1_000_000  # bytes
FILES = (ADAPTER_CONFIG, ADAPTER_WEIGHTS)


def import_adapter(task: ImportAdapterTask) -> Adapter:
    """Check a PEFT folder, copy its two files into `task.target` and give them a passport.

    A passport of ours in the folder keeps its provenance when its hash is that of the files.
    Raises Refused when the adapter is damaged, holds pickles or NaN, or fits none of the bases.
    """
    folder = Path(task.path)
    adapters: list[Adapter] = []

    def write(staging: Path) -> None:
        for name in FILES:
            if not (folder / name).is_file():
                scan_adapter(folder)  # says what is missing
            shutil.copyfile(folder / name, staging / name)
        scanned = scan_adapter(staging)
        refuse_no_numbers(staging, scanned.tensors)
        base = fitting_base(scanned, task.bases, _passport(folder, staging))
        adapter = _record(task, staging, scanned, base)
        (staging / PASSPORT).write_bytes(msgspec.json.format(msgspec.json.encode(adapter)))
        adapters.append(adapter)

    publish_folder(Path(task.target), write)
    return adapters[0]


def _record(
    task: ImportAdapterTask, staging: Path, scanned: ScannedAdapter, base: BaseModel
) -> Adapter:
    folder = Path(task.path)
    passport = _passport(folder, staging)
    known = passport or Adapter(
        id=task.id,
        name="",
        version=1,
        path="",
        hash=adapter_hash(staging),
        base_fingerprint=base.fingerprint,
        base_name=base.name,
        template_hash=base.template_hash,
    )
    return msgspec.structs.replace(
        known,
        id=task.id,
        name=task.name or known.name or folder.name,
        path=task.target,
        method=scanned.method,
        rank=scanned.rank,
        alpha=scanned.alpha,
        target_modules=scanned.target_modules,
        parameters=scanned.parameters,
        size_bytes=scanned.size_bytes,
        base=base.id,
        files=tuple(file_of(staging, name) for name in FILES),
        imported=True,
        created_at=known.created_at or time.time(),
    )


def fitting_base(
    scanned: ScannedAdapter, bases: Sequence[BaseModel], passport: Adapter | None
) -> BaseModel:
    """The base whose shapes the adapter fits: the passport's own first, then the one it names.

    Raises Refused with the reason for each base when none fits.
    """
    reasons = {base.id: misfit(scanned, base) for base in bases}
    fits = [base for base in bases if not reasons[base.id]]
    if not fits:
        why = "; ".join(f"{base.name}: {reasons[base.id]}" for base in bases)
        raise Refused(
            "adapters.no-base",
            f"The adapter fits none of the base models ({why or 'there is none yet'}).",
            f"Add the base model it was trained on{_named(scanned)} and import it again.",
        )
    wanted = passport.base_fingerprint if passport else ""
    hint = scanned.base_name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1].lower()
    return min(
        fits, key=lambda base: (base.fingerprint != wanted, base.name.lower() != hint or not hint)
    )


def _named(scanned: ScannedAdapter) -> str:
    return f" ({scanned.base_name})" if scanned.base_name else ""


def _passport(folder: Path, staging: Path) -> Adapter | None:
    """The passport that lies beside the files, if it is ours and belongs to these very files."""
    path = folder / PASSPORT
    if not path.is_file() or path.stat().st_size > PASSPORT_LIMIT:
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Adapter)
    except msgspec.MsgspecError:
        return None
    return found if found.hash == adapter_hash(staging) else None


def refuse_no_numbers(folder: Path, tensors: Sequence[Tensor]) -> None:
    """Raises Refused naming the first tensor that holds NaN or infinity."""
    for tensor in tensors:
        content = numpy.memmap(
            folder / tensor.file, numpy.uint8, "r", tensor.start, (tensor.end - tensor.start,)
        )
        if not _finite(content, tensor.dtype):
            raise Refused(
                "adapters.not-finite",
                f"{tensor.name} holds values that are no numbers.",
                "The training it came from failed; choose another checkpoint.",
            )


def _finite(content: "numpy.memmap[tuple[int], numpy.dtype[numpy.uint8]]", dtype: str) -> bool:
    types = {"F64": numpy.float64, "F32": numpy.float32, "F16": numpy.float16}
    raw = content.tobytes()  # tensors may begin at any byte
    if dtype == "BF16":  # the exponent's eight bits are all set in NaN and infinity
        return not ((numpy.frombuffer(raw, "<u2") & 0x7F80) == 0x7F80).any()
    if dtype in types:
        return bool(numpy.isfinite(numpy.frombuffer(raw, types[dtype])).all())
    return True
