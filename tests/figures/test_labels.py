"""Labels beside crowded points: the important first, never on top of each other."""

from core.figures.labels import HEIGHT_PX, WIDTH_PX, Placed, Wanted, _box, place_labels

CROWD = [(80 + at / 10, 5 + at / 10) for at in range(12)]
WINDOW = ((30.0, 100.0), (0.0, 60.0))


def test_the_first_label_is_kept_and_crowded_ones_are_left_out() -> None:
    wanted = [Wanted(x, y, f"label {at}") for at, (x, y) in enumerate(CROWD)]
    placed = place_labels(wanted, CROWD, *WINDOW)
    assert placed[0].label.text == "label 0"
    assert len(placed) < len(wanted)


def test_no_two_labels_overlap() -> None:
    wanted = [Wanted(x, y, f"label {at}") for at, (x, y) in enumerate(CROWD)]
    boxes = [_pixels(one) for one in place_labels(wanted, CROWD, *WINDOW)]
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_points_far_apart_all_get_their_label() -> None:
    spread = [(35.0 + 12 * at, 5.0 + 10 * at) for at in range(5)]
    wanted = [Wanted(x, y, "0.5") for x, y in spread]
    assert len(place_labels(wanted, spread, *WINDOW)) == 5


def _pixels(placed: Placed):  # type: ignore[no-untyped-def]
    (x0, x1), (y0, y1) = WINDOW
    x = (placed.label.x - x0) / (x1 - x0) * WIDTH_PX
    y = (placed.label.y - y0) / (y1 - y0) * HEIGHT_PX
    return _box(placed.label, x, y, placed.right, placed.up)
