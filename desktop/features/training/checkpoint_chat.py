"""From the table of checkpoints into a chat, also while the run goes on."""

from desktop.app import App
from desktop.features.training.checkpoints_table import CheckpointsTable
from desktop.workbench.buttons import Button
from engine.protocol.checkpoint_names import CheckpointName

COMMAND = "chat.with-checkpoint"


def chat_button(app: App, table: CheckpointsTable, run: str) -> Button:
    """A button for the chosen checkpoint, else the best, else the newest; Enter does the same.

    The chosen row is what the command of the chat acts on.
    """

    def choose(row: int) -> None:
        step = table.rows.step_of(row)
        app.selection.set("checkpoint", "" if step is None else str(CheckpointName(run, step)))

    def chat(row: int) -> None:
        choose(row)
        if COMMAND in app.commands:
            app.commands.run(COMMAND)

    def chat_with_chosen() -> None:
        chosen = table.selectionModel().selectedRows()
        chat(chosen[0].row() if chosen else table.rows.best_row())

    table.selectionModel().currentRowChanged.connect(lambda now, _: choose(now.row()))
    table.activated.connect(lambda index: chat(index.row()))
    table.setToolTip("Press Enter or double-click to chat with a checkpoint")
    button = Button(app.theme, "Chat", icon="comment-discussion", kind="ghost",
                    run=chat_with_chosen)  # fmt: skip
    button.setToolTip("Chat with the chosen checkpoint, or the best")
    button.setVisible(COMMAND in app.commands)
    table.rows.modelReset.connect(lambda: button.setEnabled(table.rows.rowCount() > 0))
    button.setEnabled(table.rows.rowCount() > 0)
    return button
