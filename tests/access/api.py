"""The JSON calls: the same people as on the pages, each by the token of an account."""

from lbcert.core.access import Role
from lbcert.parties.models import ApiToken
from lbcert.testing import factories
from tests.access.cohorts import SEES_ROSTER, sent
from tests.access.demand import ANYWHERE, READERS, WORKS, order_id
from tests.access.exams import LOOKING_ON, WATCH, also, marking, of, published, transcription
from tests.access.machinery import Row


def token(stage):
    """Give the clerk's token."""
    clerk = stage.account(Role.PROVIDER_CLERK)
    make = lambda: factories.store(ApiToken(account_id=clerk.id, name="程序", digest="f" * 64))  # noqa: E731
    return {"token_id": stage.once("token", make).id}


def itself(stage):
    """Admit the token's own account alone."""
    return {"itself": (stage.account(Role.PROVIDER_CLERK), True)}


OPERATIONS = {
    "parties.create_token": Row("signed_in", lambda stage: {"name": "程序", "secret": "s"}),
    "parties.withdraw_token": Row("provider_clerk", token, also=itself),
}
API = "/api/v1"
ROUTES = {
    "GET /api/": Row("public"),
    "GET /api/openapi.json": Row("public"),
    "GET /parties/me/tokens": Row("signed_in"),
    "POST /parties/me/tokens": Row("signed_in"),
    "POST /parties/me/tokens/<int:token_id>/withdraw": Row("provider_clerk", token, also=itself),
    f"GET {API}/orders": Row(f"{WORKS} station* provider_clerk*"),
    f"POST {API}/orders": Row(f"{ANYWHERE} employer*"),
    f"GET {API}/orders/<int:order_id>": Row(READERS, order_id),
    f"POST {API}/cohorts/<int:cohort_id>/rosters": Row("provider_clerk", lambda stage: {"cohort_id": stage.cohort.id}),
    f"GET {API}/rosters/<int:roster_id>": Row(SEES_ROSTER, sent),
    f"POST {API}/rosters/<int:roster_id>/import": Row("provider_clerk", sent),
    f"POST {API}/batches/<int:batch_id>/transcriptions": Row("assessment_clerk", of(marking), also=also()),
    f"GET {API}/transcriptions/<int:transcription_id>": Row("assessment_clerk", transcription, also=also()),
    f"POST {API}/transcriptions/<int:transcription_id>/take-over": Row("assessment_clerk", transcription, also=also()),
    f"GET {API}/batches/<int:batch_id>/results": Row(f"{WATCH} provider_clerk", of(published), also=LOOKING_ON),
    f"GET {API}/verify/code/<code>": Row("public", lambda stage: {"code": "ABC"}),
    f"POST {API}/verify/bulk": Row("public"),
    f"GET {API}/verify/number/<number>": Row("public", lambda stage: {"number": "ABC"}),
}
