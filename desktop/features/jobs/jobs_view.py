"""The Jobs tab: one row a job, with what can be done to it at the right."""

from time import time

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStackedLayout,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from desktop.app import App
from desktop.features.jobs.job_actions import JobActions
from desktop.features.jobs.job_delegate import JobDelegate
from desktop.features.jobs.job_menu import job_menu
from desktop.features.jobs.jobs_model import JobRow, JobsModel, rows_of
from desktop.features.jobs.reorder import before_of, dragged_job
from desktop.workbench.empty_state import EmptyState


class JobsView(QWidget):
    """The list, or the sentence that nothing is running."""

    def __init__(self, app: App, actions: JobActions) -> None:
        super().__init__()
        self._app, self._actions = app, actions
        self.list = JobsList(app, actions)
        self._stack = QStackedLayout(self)
        empty = QWidget()
        QVBoxLayout(empty).addWidget(EmptyState("Nothing is running."))
        self._stack.addWidget(self.list)
        self._stack.addWidget(empty)
        self.setAccessibleName("Jobs")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.list)
        app.store.jobs_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, changed: object = None) -> None:
        rows = rows_of(self._app.store.jobs, time(), self._actions.result)
        self.list.show_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)


class JobsList(QListView):
    def __init__(self, app: App, actions: JobActions) -> None:
        super().__init__()
        self._app, self._actions = app, actions
        self.rows = JobsModel()
        self._delegate = JobDelegate(app.theme, self)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Jobs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self._drop_at = -1  # y of the line that marks the place, -1: none
        self.selectionModel().currentChanged.connect(self._on_current)
        app.theme.changed.connect(self.doItemsLayout)

    def show_rows(self, rows: list[JobRow]) -> None:
        current = self.current()
        self.rows.set_rows(rows)
        index = self.rows.index_of(current.id) if current is not None else QModelIndex()
        if index.isValid() and index != self.currentIndex():
            self.setCurrentIndex(index)

    def current(self) -> JobRow | None:
        return self.rows.row(self.currentIndex())

    def _on_current(self, index: QModelIndex) -> None:
        row = self.rows.row(index)
        if row is not None:
            self._app.selection.set("job", row.id)

    def act(self, row: JobRow, command: str) -> None:
        """The command on that row's job."""
        self._app.selection.set("job", row.id)
        self._app.commands.run(command)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        found = self._action_at(at)
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.act(found[0], found[1][0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.rows.row(self.indexAt(event.position().toPoint()))
        if row is not None and self._action_at(event.position().toPoint()) is None:
            self.act(row, "jobs.open")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._delegate.pointer = event.position().toPoint()
        self.viewport().update()

    def _action_at(self, at: QPoint) -> tuple[JobRow, tuple[str, str, str]] | None:
        index = self.indexAt(at)
        row = self.rows.row(index)
        if row is None:
            return None
        for box, action in self._delegate.buttons(self.visualRect(index), row):
            if box.contains(at):
                return row, action
        return None

    def _place_of(self, y: int) -> int | None:
        """Where in the queue a job would land; None outside the queue's rows."""
        for place, id in enumerate(self.rows.queued()):
            rect = self.visualRect(self.rows.index_of(id))
            if rect.top() <= y <= rect.bottom():
                return place + (y > rect.center().y())
        return None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_job(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        place = self._place_of(event.position().toPoint().y())
        self._mark_drop(place)
        if place is not None and dragged_job(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark_drop(None)

    def dropEvent(self, event: QDropEvent) -> None:
        place = self._place_of(event.position().toPoint().y())
        job, queue = dragged_job(event.mimeData()), self.rows.queued()
        self._mark_drop(None)
        if place is None or job not in queue:
            return
        event.acceptProposedAction()
        before = before_of(queue, job, place)
        if before is not None:
            self._actions.move_far(self._app.store.jobs[job], before)

    def _mark_drop(self, place: int | None) -> None:
        queue = self.rows.queued()
        if place is None or not queue:
            self._drop_at = -1
        else:
            rect = self.visualRect(self.rows.index_of(queue[min(place, len(queue) - 1)]))
            self._drop_at = rect.top() if place < len(queue) else rect.bottom() + 1
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_at >= 0:
            painter = QPainter(self.viewport())
            wide = self.viewport().width()
            painter.fillRect(0, self._drop_at - 1, wide, 2, self._app.theme.colour("accent"))
            painter.end()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._action_at(event.pos())
            row = self.rows.row(self.indexAt(event.pos()))
            text = found[1][2] if found is not None else row.detail if row is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._delegate.pointer = QPoint(-1, -1)
            self.viewport().update()
        return super().viewportEvent(event)

    def event(self, event: QEvent) -> bool:
        # Delete and Enter belong to the list while it has the focus.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            taken = (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if (event.key() in taken and not event.modifiers()) or _moves(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current()
        if row is not None and event.key() == Qt.Key.Key_Delete:
            self.act(row, "jobs.cancel")
        elif row is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.act(row, "jobs.open")
        elif row is not None and _moves(event):
            self.act(row, "jobs.move-up" if event.key() == Qt.Key.Key_Up else "jobs.move-down")
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        row = self.rows.row(index)
        if row is None:
            return
        self.setCurrentIndex(index)
        self._app.selection.set("job", row.id)
        menu = job_menu(self._app, row, self)
        where = self.visualRect(index).bottomLeft() + QPoint(24, 0)
        menu.popup(self.viewport().mapToGlobal(where) if keyboard else event.globalPos())


def _moves(event: QKeyEvent) -> bool:
    """Alt+Up and Alt+Down."""
    alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
    return alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
