"""A study by the typed client: made, linked, told, sent as CSV."""

import pytest

from mindseye.api.client import ServiceError

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_a_study_by_the_client(own, photos):
    with own.client() as client:
        for word in ("cat", "rocket"):
            client.wait(client.index(str(next((photos / "album").glob(f"{word}.*")))))
        job = client.wait(client.make_study("pilot", ["cat", "rocket"], pictures="found", raters=3, attention=1))
        assert job.state == "done" and job.result["study"]["name"] == "pilot"
        (study,) = client.studies()
        assert (study.name, study.trials, study.raters) == ("pilot", 3, 3)
        assert [(each.rater, each.total, each.answered) for each in client.study_links("pilot")] == [
            (1, 3, 0), (2, 3, 0), (3, 3, 0),
        ]  # fmt: skip
        told = client.study_results("pilot", attentive=True)
        assert told.attentive_only and told.accuracy.judged == 0 and told.accuracy.interval == (0, 1)
        assert client.study_csv("pilot").startswith("study,question,") and client.study_csv("pilot").count("\n") == 1
        with pytest.raises(ServiceError) as refused:
            client.study_results("none")
        assert (refused.value.status, refused.value.code) == (404, "not_found")
