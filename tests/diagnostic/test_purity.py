"""The engine, the content, the advice and the doors run without Django."""

import subprocess
import sys

PURE = "content engine advice door validator graph recorded conditions compiler phones schema catalogue pieces "
PURE += "moments deadlines agenda letters"


def test_pure_modules_do_not_import_django():
    code = f"import sys\nfor name in '{PURE}'.split(): __import__('diagnostic.' + name)\n"
    code += "print([name for name in sys.modules if name.split('.')[0] == 'django'])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
