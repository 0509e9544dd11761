"""Draws bars, as SVG."""

import html

FONT = 'font-family="sans-serif" font-size="%d" fill="%s"'
INK, PALE = '#1f2933', '#7b8794'
COLOURS = {'marconi': '#2f6f4f', 'nginx': '#9aa5b1', 'reference': '#c0563f', 'redis': '#d9a441',
           'beanstalkd': '#5b7db1', 'marconi-mongodb': '#2f6f4f', 'reference-mongodb': '#c0563f'}


def text(x, y, words, size=13, colour=INK, anchor='start'):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" %s>%s</text>' % (
        x, y, anchor, FONT % (size, colour), html.escape(words))


def rectangle(x, y, width, height, colour, title=None):
    inside = '<title>%s</title>' % html.escape(title) if title else ''
    return '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s">%s</rect>' % (
        x, y, width, height, colour, inside)


def document(width, height, parts):
    return '\n'.join(
        ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">' % (
            width, height, width, height), rectangle(0, 0, width, height, '#ffffff')]
        + parts + ['</svg>', ''])


def bars(title, groups, unit):
    """groups: [(heading, [(name, value)])]. Each group has a scale of its own, from zero."""
    width, left, right, row = 860, 110, 130, 20
    parts, y = [text(16, 28, title, 17), text(16, 48, unit, 12, PALE)], 78
    for heading, values in groups:
        parts.append(text(16, y, heading, 13))
        y += 8
        longest = max(value for _, value in values) or 1
        for name, value in values:
            length = max((width - left - right) * value / longest, 1)
            parts.append(text(left - 8, y + 14, name, 12, PALE, 'end'))
            parts.append(rectangle(left, y + 2, length, row - 5, COLOURS[name]))
            parts.append(text(left + length + 6, y + 14, short(value), 12))
            y += row
        y += 26
    return document(width, y, parts)


def short(value):
    """Three digits are enough."""
    if value >= 1e6:
        return '%.2f M' % (value / 1e6)
    if value >= 1e3:
        return '{:,.0f}'.format(value)
    return '%.0f' % value if value >= 100 else '%.3g' % value
