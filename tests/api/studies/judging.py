"""Raters who answer as they are told."""

WORDS = "zebra,okapi,piano,violin"


def judge(studies, right_of, name="pilot"):
    """Answer all of a study; right_of(rater, trial) says whether rightly."""
    for rater in studies.raters(studies.get(name)):
        studies.begin(name, rater.token)
        while (sitting := studies.sitting(name, rater.token)).trial:
            trial, right = sitting.trial, right_of(rater.number, sitting.trial)
            option = trial.answer if right else next(n for n in range(len(trial.options)) if n != trial.answer)
            place = sitting.choice.places.index(option)
            studies.answer(name, rater.token, sitting.rater.answered, place, 1000 * rater.number)


def judge_once(studies, name="pilot"):
    """Let the first rater answer the first question, rightly."""
    token = studies.raters(studies.get(name))[0].token
    studies.begin(name, token)
    sitting = studies.sitting(name, token)
    studies.answer(name, token, 0, sitting.choice.places.index(sitting.trial.answer))
