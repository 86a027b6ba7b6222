"""The cohort report: what an instructor can know of a group, and no more than that.

measures.py  the numbers, pure: marks with their intervals, difficulty, discrimination, what splits a group
cohort.py    a cohort, out of the gradebook, the plays that were handed in, and the marking desk
page.py      the report as one HTML file, and the marks as CSV
report.html  the page, a template
"""
