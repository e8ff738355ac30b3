"""PySide6 6.12.0 drops references to True, False and None, which aborts Python 3.11 after some 560 signals."""

import subprocess
import sys

EMITTING = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Sender(QObject):
    said = Signal(bool, object, int)
    told = Signal(object)
    flagged = Signal(bool)

app = QCoreApplication(sys.argv)
sender, heard = Sender(), [0]

def hear(*_arguments):
    heard[0] += 1

sender.said.connect(hear)
sender.told.connect(hear)
sender.flagged.connect(hear)
for number in range(20_000):
    sender.said.emit(number % 2 == 0, None, number % 300)
    sender.told.emit((True, False, None)[number % 3])
    sender.flagged.emit(False)
assert heard == [60_000]
print("sound")
"""


def test_twenty_thousand_signals_leave_python_alive():
    done = subprocess.run(
        [sys.executable, "-c", EMITTING], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "sound"
