"""Accuracy of policies over what they took, as an SVG of two panels. Standard library only."""
from html import escape

WIDTH, HEIGHT, MARGIN, LEGEND = 440, 380, 56, 200
INK, FAINT, POINT = "#1f2933", "#cbd2d9", "#0b69a3"


def scale(values, low, high):
    least, most = min(values), max(values)
    span = (most - least) or 1
    least, most = least - 0.08 * span, most + 0.08 * span
    return least, most, lambda value: low + (value - least) / (most - least) * (high - low)


def text(x, y, words, anchor="middle", size=11, fill=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">'
            f"{escape(words)}</text>")


def line(x1, y1, x2, y2, stroke=FAINT, dash=""):
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{dashes}/>'


def panel(left, title, unit, points, best):
    """`points`: (taken, accuracy in percent), numbered from 1."""
    xs, ys = [point[0] for point in points], [point[1] for point in points] + [best]
    x0, x1, to_x = scale(xs, left + MARGIN, left + WIDTH - 16)
    y0, y1, to_y = scale(ys, HEIGHT - MARGIN, MARGIN)
    out = [text(left + WIDTH / 2, 24, title, size=13)]
    for step in range(5):
        x, y = x0 + (x1 - x0) * step / 4, y0 + (y1 - y0) * step / 4
        out.append(line(to_x(x), HEIGHT - MARGIN, to_x(x), MARGIN))
        out.append(text(to_x(x), HEIGHT - MARGIN + 16, f"{x:.2g}"))
        out.append(line(left + MARGIN, to_y(y), left + WIDTH - 16, to_y(y)))
        out.append(text(left + MARGIN - 6, to_y(y) + 4, f"{y:.0f} %", "end"))
    out.append(line(left + MARGIN, to_y(best), left + WIDTH - 16, to_y(best), INK, "4 3"))
    out.append(text(left + WIDTH - 18, to_y(best) - 4, "best single", "end"))
    out.append(text(left + WIDTH / 2 - 20, HEIGHT - 18, unit))
    for number, (taken, right) in enumerate(points, 1):
        x, y = to_x(taken), to_y(right)
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{POINT}"/>')
        out.append(text(x + 5, y - 5, str(number), "start", 10))
    return out


def legend(left, rows):
    out = []
    for number, (name, one) in enumerate(rows, 1):
        words = f"{number}  {name}: {100 * one['accuracy']:.1f} %"
        out.append(text(left, MARGIN + 18 * (number - 1), words, "start"))
    return out


def draw(facts):
    best = 100 * facts["baselines"]["best_single"]["accuracy"]
    rows = [(name.removeprefix("moerge/"), one) for name, one in facts["policies"].items()]
    rows.sort(key=lambda row: -row[1]["accuracy"])
    calls = [(one["calls"], 100 * one["accuracy"]) for _, one in rows]
    cost = [(one["usd_per_1000"], 100 * one["accuracy"]) for _, one in rows]
    body = panel(0, "right, by calls", "calls per question", calls, best)
    body += panel(WIDTH, "right, by cost", "USD per 1,000 questions", cost, best)
    body += legend(2 * WIDTH + 8, rows)
    height = max(HEIGHT, MARGIN + 18 * len(rows) + 12)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH + LEGEND} {height}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>'
            + "".join(body) + "</svg>\n")
