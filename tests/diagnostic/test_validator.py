from diagnostic import validator


def told(catalogue) -> list[str]:
    return [str(problem) for problem in validator.validate(catalogue).problems]


FACTS = {"kind": "facts", "q": "Les faits ?", "facts": ["money_lost"]}
SEXTORSION = {"diag": "sextorsion", "facts": "f_x"}


def unknown(number: int, **exit_):
    return {"id": f"a{number}", "t": "Je ne sais pas", **exit_}


def test_loop_is_told_with_its_turn(compiled):
    tree = compiled(
        {
            "q_x": {"q": "Un ?", "a": [unknown(1, go="q_y")]},
            "q_y": {"q": "Deux ?", "a": [{"id": "a1", "t": "Retour", "go": "q_x"}, unknown(2, **SEXTORSION)]},
            "f_x": FACTS,
        }
    )

    report = validator.validate(tree)

    assert report.loops == 1
    assert "boucle : q_x > q_y > q_x" in str(report.problems)


def test_dead_end_is_told(compiled):
    tree = compiled({"q_x": {"q": "Un ?", "a": [{"id": "a1", "t": "Rien"}, unknown(2, **SEXTORSION)]}, "f_x": FACTS})

    report = validator.validate(tree)

    assert report.dead_ends == 1
    assert any("a1 : ne mène nulle part" in str(problem) for problem in report.problems)


def test_multi_without_else_is_a_dead_end(compiled):
    rows = [{"id": "a1", "t": "Argent", "set": {"money_lost": True}}, unknown(2, alone=True, **SEXTORSION)]
    tree = compiled({"q_x": {"kind": "multi", "q": "Quoi ?", "a": rows}, "f_x": FACTS})

    assert any("il n'y a pas de « else »" in problem for problem in told(tree))


def test_eight_screens_are_too_many(compiled):
    nodes = {f"q_{n}": {"q": f"{n} ?", "a": [unknown(1, go=f"q_{n + 1}")]} for n in range(7)}
    nodes["q_7"] = {"q": "7 ?", "a": [unknown(1, **SEXTORSION)]}
    tree = compiled({**nodes, "f_x": FACTS})

    assert any("9 écrans, 7 au plus" in problem for problem in told(tree))


def test_threat_of_another_audience_is_told(compiled):
    tree = compiled(
        {
            "q_x": {
                "q": "Qui ?",
                "a": [
                    {"id": "a1", "t": "Une mairie", "set": {"audience": "collectivite"}, **SEXTORSION},
                    unknown(2, set={"audience": "particulier"}, **SEXTORSION),
                ],
            },
            "f_x": FACTS,
        }
    )

    assert any("q_x: a1 : sextorsion n'est pas pour le public collectivite" in problem for problem in told(tree))


def test_unreached_threat_and_node_are_told(compiled):
    tree = compiled(
        {
            "q_x": {"q": "Qui ?", "a": [unknown(1, set={"audience": "particulier"}, **SEXTORSION)]},
            "q_seul": {"q": "Jamais ?", "a": [unknown(1, **SEXTORSION)]},
            "f_x": FACTS,
        }
    )

    report = validator.validate(tree)

    assert report.reachable == 1
    assert any("q_seul: aucun chemin n'y mène" in str(problem) for problem in report.problems)
    assert any(
        "faux-rib: jamais atteinte pour : collectivite, entreprise, particulier" in str(p) for p in report.problems
    )


def test_question_without_unknown_is_told(compiled):
    tree = compiled({"q_x": {"q": "Un ?", "a": [{"id": "a1", "t": "Oui", **SEXTORSION}]}, "f_x": FACTS})

    assert any("il manque la réponse « Je ne sais pas »" in problem for problem in told(tree))
