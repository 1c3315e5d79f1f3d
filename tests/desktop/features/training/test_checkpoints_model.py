from msgspec.structs import replace
from pytestqt.modeltest import ModelTester

from desktop.features.training.checkpoints_model import CheckpointsModel
from engine.protocol.records import Checkpoint
from tests.desktop.features.run_records import RUNNING


def test_checkpoints_that_come_and_go_keep_the_model_sound(qtmodeltester: ModelTester) -> None:
    model = CheckpointsModel()
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.show_run(RUNNING)
    model.show_run(replace(RUNNING, best_step=400))
    model.show_run(replace(RUNNING, checkpoints=(Checkpoint(500, "/c"),)))
    assert model.rowCount() == 1
    assert model.index(0, 1).data() == "–"
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
