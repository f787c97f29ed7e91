"""The wire contract as tables of requests and exact answers, for any server that keeps it."""

import pytest

pytest.register_assert_rewrite("tests.contract.server", "tests.contract.table")
