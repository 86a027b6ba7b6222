"""Does every way to spoil a scenario come back as the right sentence at the right line, and as nothing else?

Each row changes the base scenario in one place. It names the words that stand on the line of the fault, and the whole
sentence: where, what and what to do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authoring.loft import line_of, spoilt, write
from tillit.authoring.check import check_file

Change = tuple[str, str]
Expected = tuple[str, str]  # words on the line, sentence

SUBJECT = "subject: The seam"
ODD = "name: Odd Lervik"
PAST = "{knows: found_out, times: 1, type: professional}"


def row(name: str, changes: Change | list[Change], *expected: Expected) -> object:
    return pytest.param(changes if isinstance(changes, list) else [changes], list(expected), id=name)


NOT_YAML = [
    row(
        "a colon in a text",
        (SUBJECT, "subject: Re: the seam"),
        (
            "Re: the seam",
            "There is one colon too many here, or the line stands too far in. "
            "Put a text that contains a colon in quotes, or line the field up with its neighbours.",
        ),
    ),
    row(
        "a field too far in",
        (f"    {SUBJECT}\n", f"    {SUBJECT}\n      extra: 1\n"),
        (
            "extra: 1",
            "There is one colon too many here, or the line stands too far in. "
            "Put a text that contains a colon in quotes, or line the field up with its neighbours.",
        ),
    ),
    row(
        "a field not far enough in",
        (f"    {SUBJECT}\n", f"   {SUBJECT}\n"),
        (SUBJECT, "This line does not line up with the ones before it. Indent it exactly like its neighbours."),
    ),
    row(
        "a line of the message not far enough in",
        ("      that I was set to check", "that I was set to check"),
        (
            "that I was set",
            "This is neither a field with a colon nor indented as part of the text above. "
            "Indent it further, or add the colon.",
        ),
    ),
    row(
        "a field without its colon",
        (SUBJECT, "subject"),
        (
            "subject",
            "This is neither a field with a colon nor indented as part of the text above. "
            "Indent it further, or add the colon.",
        ),
    ),
    row(
        "text after the closing quotation mark",
        (SUBJECT, 'subject: "The seam" again'),
        (
            '"The seam" again',
            "The text goes on after the closing quotation mark. "
            "Put the whole text in quotes, with the other kind of quotation mark around it.",
        ),
    ),
    row(
        "an apostrophe inside single quotes",
        (SUBJECT, "subject: 'The ship's seam'"),
        (
            "ship's seam",
            "The text goes on after the closing quotation mark. "
            "Put the whole text in quotes, with the other kind of quotation mark around it.",
        ),
    ),
    row(
        "a quotation mark that is closed by the next one in the file",
        (SUBJECT, 'subject: "The seam'),
        (
            '"The seam',
            "The quotation mark opened here is closed on line 50, and text goes on there. "
            "Close it where the text ends.",
        ),
    ),
    row(
        "a quotation mark that is never closed",
        ("leave: The van leaves without a label.", 'leave: "The van leaves without a label.'),
        (
            "leaves without a label",
            "A quotation mark is opened here and never closed. "
            "Close it, or put the other kind of quotation mark around the text.",
        ),
    ),
    row(
        "a bracket that is never closed",
        (SUBJECT, "subject: [The seam"),
        (
            "[The seam",
            "A list opened with [ here is not closed, or a comma is missing. "
            "Close it with ] or, if it is text, put it in quotes.",
        ),
    ),
    row(
        "a brace that is never closed",
        ("{rely: 1, review: 5, step_in: 15, hand_over: 2}", "{rely: 1, review: 5, step_in: 15"),
        (
            "step_in: 15",
            "A group opened with { here is not closed, or a comma is missing. "
            "Close it with } or, if it is text, put it in quotes.",
        ),
    ),
    row(
        "braces of a template",
        (SUBJECT, "subject: {{ seam }}"),
        (
            "{{ seam }}",
            "The name of a field cannot be a list or a group. Put a text that begins with [ or { in quotes.",
        ),
    ),
    row(
        "a backslash in double quotes",
        (SUBJECT, 'subject: "C:\\seam"'),
        ("C:", "A backslash inside double quotes means something else here. Use single quotes around the text."),
    ),
    row(
        "a list on the line of its field",
        (SUBJECT, "subject: - The seam"),
        (
            "- The seam",
            "A list cannot begin on the line of its field. Start the list on the next line, each item after a dash.",
        ),
    ),
    row(
        "a text that begins with @",
        (SUBJECT, "subject: @seam"),
        ("@seam", "A text cannot begin with this character. Put the text in quotes."),
    ),
    row(
        "a sentence before a colon",
        (
            "      - We are happy to answer further questions.",
            "      - " + "We are happy to answer further questions about any of this, " * 2 + "such as: when",
        ),
        (
            "such as: when",
            "The text before this colon is too long to be the name of a field. If all of it is text, put it in quotes.",
        ),
    ),
    row(
        "an escape for a number too large to be a character",
        (SUBJECT, 'subject: "\\UFFFFFFFF"'),
        ("UFFFFFFFF", "Something from this line on cannot be read as YAML. Look at quotes and backslashes."),
    ),
]

REFUSED = [
    row(
        "an alias",
        (SUBJECT, "subject: *very* sorry"),
        (
            "*very*",
            "A text that begins with * is a reference in YAML: ‘*very*’. "
            "Put the text in quotes; tags and references are not used here.",
        ),
    ),
    row(
        "an anchor, which would swallow a word",
        (SUBJECT, "subject: &Sons wrote"),
        (
            "&Sons",
            "A text that begins with & is a reference in YAML: ‘&Sons’. "
            "Put the text in quotes; tags and references are not used here.",
        ),
    ),
    row(
        "a tag that constructs an object",
        (SUBJECT, "subject: !!python/object/apply:os.system [ls]"),
        (
            "os.system",
            "A text that begins with ! is a tag in YAML: ‘tag:yaml.org,2002:python/object/apply:os.system’. "
            "Put the text in quotes; tags and references are not used here.",
        ),
    ),
    row(
        "any other tag",
        (SUBJECT, "subject: !important The seam"),
        (
            "!important",
            "A text that begins with ! is a tag in YAML: ‘!important’. "
            "Put the text in quotes; tags and references are not used here.",
        ),
    ),
    row("a tab", (SUBJECT, "subject:\tThe seam"), ("\tThe seam", "There is a tab here. Use spaces instead.")),
    row(
        "a space that has no width",
        (SUBJECT, "subject: The\u200bseam"),
        (
            "The\u200bseam",
            "There is a character here that does not show (U+200B). Take it out; retyping the word usually does it.",
        ),
    ),
    row(
        "a control character by way of an escape",
        (SUBJECT, 'subject: "The \\0 seam"'),
        (
            "\\0 seam",
            "There is a character here that does not show (U+0000). Take it out; retyping the word usually does it.",
        ),
    ),
    row(
        "a half of a character by way of an escape",
        (SUBJECT, 'subject: "The \\ud800 seam"'),
        (
            "\\ud800",
            "There is a character here that does not show (U+D800). Take it out; retyping the word usually does it.",
        ),
    ),
    row(
        "a field twice",
        (SUBJECT, f"{SUBJECT}\n    subject: Another"),
        ("subject: Another", "The field ‘subject’ is here twice; the first is on line 44. Keep one of them."),
    ),
    row(
        "a second document",
        (SUBJECT + "\n    message: |", "subject: one\n---\nsubject: two"),
        ("---", "A second document begins here. Keep one scenario in a file, without ---."),
    ),
    row(
        "a directive",
        ("# A small scenario in which everything is in order.", "%YAML 1.1\n---\n#"),
        ("---", "A line that begins with % changes how YAML is read. Take the line out."),
    ),
    row(
        "a line that never ends",
        (SUBJECT, "subject: " + "seam " * 3000),
        ("subject: seam", "This line has 15,013 characters, and 10,000 is the most. Break it into several lines."),
    ),
    row(
        "nested without end",
        (SUBJECT, "subject: " + "[" * 40 + "]" * 40),
        (
            "[[[",
            "This is nested more than 12 levels deep. "
            "A scenario needs half of that; look at the indentation and the brackets.",
        ),
    ),
]

SHAPE = [
    row(
        "a field with nothing after it",
        (SUBJECT, "subject:"),
        ("subject:", "case 1 ‘mainsail’: `subject` is empty. Write the subject line of the message."),
    ),
    row(
        "a text of white space",
        (SUBJECT, 'subject: "  "'),
        ('subject: "  "', "case 1 ‘mainsail’: `subject` is empty. Write the subject line of the message."),
    ),
    row(
        "a block of white space",
        ("message: Honestly, is it a robot that answers here? And may we fetch the genoa", "message: |\n\n    #"),
        (
            "machine > message:",
            "case 3 ‘machine’: `message` is empty. Write the message in the person's own words. "
            "An empty line starts a new paragraph; 2,500 characters at most.",
        ),
    ),
    row(
        "a number for a text",
        (SUBJECT, "subject: 512"),
        ("subject: 512", "case 1 ‘mainsail’: `subject` is 512, and should be text. Put it in quotes."),
    ),
    row(
        "a list for a text",
        (SUBJECT, "subject: [The seam]"),
        ("[The seam]", "case 1 ‘mainsail’: `subject` is a list, and should be text. Write one text."),
    ),
    row(
        "a colon in a sentence of the draft",
        ("- Dear Ragna, thank you for asking.", "- Dear Ragna: thank you for asking."),
        (
            "Dear Ragna:",
            "case 4 ‘label’, draft sentence 1: This reads as a field, because of a colon with a space after it. "
            "Put the whole text in quotes.",
        ),
    ),
    row(
        "a word that YAML 1.1 took for a truth value",
        ("asks: true", "asks: yes"),
        (
            "asks: yes",
            "case 3 ‘machine’: `asks` is the text ‘yes’, and should be true or false. "
            "Write true or false, without quotes.",
        ),
    ),
    row(
        "minutes with decimals",
        ("minutes: 45", "minutes: 45.0"),
        ("45.0", "day 1: `minutes` is 45.0, and should be a whole number. Write it without decimals."),
    ),
    row(
        "minutes in words",
        ("minutes: 45", "minutes: forty-five"),
        (
            "forty-five",
            "day 1: `minutes` is the text ‘forty-five’, and should be a whole number. "
            "Write it in digits, without quotes.",
        ),
    ),
    row(
        "a day without minutes",
        ("minutes: 45", "minutes: 0"),
        ("minutes: 0", "day 1: `minutes` is 0, less than 1. Write a number from 1 to 600."),
    ),
    row(
        "negative minutes",
        ("{rely: 1, review: 5,", "{rely: 1, review: -5,"),
        ("-5", "case 1 ‘mainsail’: `minutes.review` is -5, less than 0. Write a number from 0 to 600."),
    ),
    row(
        "a number out of its range",
        ("presence_need: 0.8", "presence_need: 1.2"),
        (
            "presence_need: 1.2",
            "case 1 ‘mainsail’: `key.presence_need` is 1.2, more than 1. Write a number from 0 to 1.",
        ),
    ),
    row(
        "a number beyond all numbers",
        ("presence_need: 0.8", "presence_need: 1e999"),
        ("1e999", "case 1 ‘mainsail’: `key.presence_need` is Infinity, more than 1. Write a number from 0 to 1."),
    ),
    row(
        "a stake too low",
        ("stake: 1.5", "stake: 0.2"),
        ("stake: 0.2", "person 1 ‘ragna’: `key.stake` is 0.2, less than 0.5. Write a number from 0.5 to 3."),
    ),
    row(
        "a missing field",
        ("{rely: 1, review: 5, step_in: 15, hand_over: 2}", "{rely: 1, step_in: 15, hand_over: 2}"),
        (
            "{rely: 1, step_in: 15",
            "case 1 ‘mainsail’: `minutes.review` is missing. Add the whole minutes it takes to open and read the file.",
        ),
    ),
    row(
        "a missing group",
        (
            "    record: {on: invoices, right: 8, of: 10, when_wrong: minor, usually: an amount}\n",
            "",
        ),
        (
            "- id: invoice",
            "case 2 ‘invoice’: `record` is missing. Add the AI's record on this kind of question, stated truthfully.",
        ),
    ),
    row(
        "a field that is misspelt, told once",
        ("{rely: 1, review: 5,", "{rely: 1, reveiw: 5,"),
        ("reveiw", "case 1 ‘mainsail’: ‘reveiw’ is not a field here. Did you mean `review`?"),
    ),
    row(
        "a field that does not exist",
        ("  - name: Friday 5 September", "  - colour: blue\n    name: Friday 5 September"),
        ("colour: blue", "day 1: ‘colour’ is not a field here. The fields here are `name` and `minutes`."),
    ),
    row(
        "a hidden field among the visible ones",
        ("    subject: Label", "    presence_need: 0.3\n    subject: Label"),
        (
            "presence_need: 0.3",
            "case 4 ‘label’: ‘presence_need’ is not a field here. Learners must not see it: move it below `key:`.",
        ),
    ),
    row(
        "a field of a group that lost its indentation",
        ("      fit: 0.5\n", "    fit: 0.5\n"),
        (
            "mainsail > wait:",
            "There is one colon too many here, or the line stands too far in. "
            "Put a text that contains a colon in quotes, or line the field up with its neighbours.",
        ),
    ),
    row(
        "a word that is not among the words, but looks like one",
        ("use: practice", "use: practise"),
        (
            "use: practise",
            "`use` is the text ‘practise’, which is not one of its words. "
            "Did you mean practice? Write practice or assessment.",
        ),
    ),
    row(
        "a past of which the person knows what nobody can know",
        (ODD, ODD.replace("Odd Lervik", "Odd Lervik\n    past: " + PAST.replace("found_out", "suspects"))),
        (
            "suspects",
            "person 2 ‘odd’: `past.knows` is the text ‘suspects’, which is not one of its words. "
            "Write told, found_out or hidden.",
        ),
    ),
    row(
        "a past in which nothing was written",
        (ODD, ODD.replace("Odd Lervik", "Odd Lervik\n    past: " + PAST.replace("times: 1", "times: 0"))),
        ("times: 0", "person 2 ‘odd’: `past.times` is 0, less than 1. Write a number from 1 to 10."),
    ),
    row(
        "somebody finds out where no night comes after",
        (ODD, ODD.replace("Odd Lervik", "Odd Lervik\n    found_out: So it was a machine.")),
        (
            "found_out: So it was a machine.",
            "person 2 ‘odd’: Nothing can come to light: no night follows this person's first case. "
            "Take `found_out` out, or let them write on an earlier day.",
        ),
    ),
    row(
        "a past that does not say what was written",
        (ODD, ODD.replace("Odd Lervik", "Odd Lervik\n    past: {knows: hidden, times: 3}")),
        (
            "{knows: hidden, times: 3}",
            "person 2 ‘odd’: `past.type` is missing. "
            "Add the kind of messages these were: emotional, professional or transactional.",
        ),
    ),
    row(
        "an act that is not one",
        ("did: [rely, review]", "did: [rely, tell]"),
        (
            "[rely, tell]",
            "case 3 ‘machine’: `opens_if.did` is the text ‘tell’, which is not one of its words. "
            "Write leave, rely, review, step_in or hand_over.",
        ),
    ),
    row(
        "no act at all",
        ("did: [rely, review]", "did: []"),
        ("did: []", "case 3 ‘machine’: `opens_if.did` has no items. Give it at least 1."),
    ),
    row(
        "an act twice",
        ("did: [rely, review]", "did: [rely, rely]"),
        ("[rely, rely]", "case 3 ‘machine’: `opens_if.did` names the same thing twice. Keep one of them."),
    ),
    row(
        "an act that is not in a list",
        ("did: [rely, review]", "did: rely"),
        (
            "did: rely",
            "case 3 ‘machine’: `opens_if.did` is the text ‘rely’, and should be a list. "
            "Put each item on a line of its own after a dash and a space; [] is a list with nothing in it.",
        ),
    ),
    row(
        "a group that is a text",
        ("opens_if: {case: invoice, did: [rely, review]}", "opens_if: invoice"),
        (
            "opens_if: invoice",
            "case 3 ‘machine’: `opens_if` is the text ‘invoice’, and should be a group of fields. "
            "Its fields, indented below it, are `case` and `did`.",
        ),
    ),
    row(
        "an id with capitals and a space",
        ("id: birk", "id: Birk Aune"),
        (
            "id: Birk Aune",
            "colleague 1 ‘Birk Aune’: `id` is ‘Birk Aune’, which does not have the right form. "
            "Write lower case letters, digits and single hyphens, beginning with a letter, as in ‘jonas’.",
        ),
    ),
    row(
        "an hour with one digit",
        ('time: "08:15"', "time: 8:15"),
        (
            "time: 8:15",
            "case 1 ‘mainsail’: `time` is ‘8:15’, which does not have the right form. "
            "Write the hour and minute with two digits each, as in ‘09:10’.",
        ),
    ),
    row(
        "a time that no clock shows",
        ('time: "08:15"', 'time: "24:00"'),
        (
            "24:00",
            "case 1 ‘mainsail’: `time` is ‘24:00’, which does not have the right form. "
            "Write the hour and minute with two digits each, as in ‘09:10’.",
        ),
    ),
    row(
        "a message that is too long",
        ("      Which name goes on the label, the ship's", "      Which name? " + "Which label? " * 200),
        (
            "label > message:",
            "case 4 ‘label’: `message` has 2,629 characters, and 2,500 is the most. Make it shorter.",
        ),
    ),
    row(
        "a sentence that is too long",
        ("- Have a good trip!", "- Have a good trip" + " and a good trip" * 30 + "!"),
        (
            "Have a good trip",
            "case 4 ‘label’, draft sentence 4: This has 497 characters, and 400 is the most. Make it shorter.",
        ),
    ),
    row(
        "a draft of nine sentences",
        ("      - Have a good trip!\n", "      - Have a good trip!\n" * 6),
        ("label > draft:", "case 4 ‘label’: `draft` has 9 items. Keep it to 8."),
    ),
    row(
        "no flaws written, not even []",
        ("A yes or no, and a date.\n      flaws: []", "A yes or no, and a date.\n      flaws:"),
        (
            "machine > flaws:",
            "case 3 ‘machine’: `key.flaws` is empty. Write the list of what is wrong in the draft, "
            "one entry for each faulty sentence. Write [] if the draft is right.",
        ),
    ),
    row(
        "an empty fix",
        ("fix: You owe 6,940 kr in all, of which 740 kr for the bag.", 'fix: ""'),
        (
            'fix: ""',
            "case 2 ‘invoice’, flaw 1: `fix` is empty. "
            "Write the right sentence, which takes the place of the faulty one when the learner strikes it.",
        ),
    ),
]

RULES = [
    row(
        "an id that is not the folder's",
        ("id: a-friday-at-the-loft", "id: a-saturday"),
        (
            "id: a-saturday",
            "`id` is ‘a-saturday’, and the folder is called ‘a-friday-at-the-loft’. Give both the same name.",
        ),
    ),
    row(
        "two people with one id",
        [
            ("  - id: odd\n    name", "  - name"),
            ("    who: Treasurer", "    id: ragna\n    who: Treasurer"),
            ('person: odd\n    time: "08:20"', 'person: ragna\n    time: "08:20"'),
            ('person: odd\n    time: "09:05"', 'person: ragna\n    time: "09:05"'),
        ],
        ("id: ragna", "person 2 ‘ragna’: The id ‘ragna’ is taken already, on line 21. Give one of the two another id."),
    ),
    row(
        "two cases with one id",
        ("  - id: label", "  - id: machine # again"),
        (
            "id: machine # again",
            "case 4 ‘machine’: The id ‘machine’ is taken already, on line 117. Give one of the two another id.",
        ),
    ),
    row(
        "two colleagues with one id",
        (
            "people:\n",
            "  - {id: birk, name: Birk Moe, who: The other Birk}\npeople:\n",
        ),
        ("Birk Moe", "colleague 2 ‘birk’: The id ‘birk’ is taken already, on line 17. Give one of the two another id."),
    ),
    row(
        "an unknown person",
        ('person: odd\n    time: "09:05"', 'person: ood\n    time: "09:05"'),
        ("person: ood", "case 3 ‘machine’: There is no person ‘ood’. Did you mean ‘odd’?"),
        (
            "opens_if: {case: invoice",
            "case 3 ‘machine’: ‘invoice’ is a case of ‘odd’, another person. Name an earlier case of the same person.",
        ),
    ),
    row(
        "an unknown colleague",
        ("hand_over_to: birk", "hand_over_to: solveig"),
        (
            "hand_over_to: solveig",
            "case 1 ‘mainsail’: There is no colleague ‘solveig’. The colleagues are ‘birk’.",
        ),
    ),
    row(
        "an unknown day",
        ("    day: 1\n", "    day: 2\n"),
        ("day: 2", "case 4 ‘label’: There is no day 2. The last day is 1; write a smaller number or add a day."),
    ),
    row(
        "a person without a case",
        (
            "cases:\n",
            "  - {id: idle, name: Ida, who: Nobody, key: {trust: {ability: 0, benevolence: 0, integrity: 0}, "
            "attitude: 0, reserve: 0, stake: 1}}\ncases:\n",
        ),
        ("id: idle", "person 3 ‘idle’: This person has no case. Write one, or take the person out."),
    ),
    row(
        "a day without a case",
        ("colleagues:\n", "  - {name: Saturday 6 September, minutes: 30}\ncolleagues:\n"),
        ("Saturday 6", "day 2: No case comes in on this day. Write one, or take the day out."),
    ),
    row(
        "review longer than stepping in",
        ("{rely: 1, review: 4, step_in: 10}", "{rely: 1, review: 14, step_in: 10}"),
        (
            "review: 14",
            "case 2 ‘invoice’: `minutes.review` is 14, more than `minutes.step_in`, 10. "
            "One may step in after opening the file, so stepping in takes at least as long.",
        ),
    ),
    row(
        "relying longer than review",
        ("{rely: 1, review: 4, step_in: 10}", "{rely: 5, review: 4, step_in: 10}"),
        (
            "rely: 5",
            "case 2 ‘invoice’: `minutes.rely` is 5, more than `minutes.review`, 4. "
            "Reading the file and then sending takes at least as long as sending.",
        ),
    ),
    row(
        "an act longer than the day",
        ("{rely: 1, review: 4, step_in: 10}", "{rely: 1, review: 4, step_in: 46}"),
        (
            "step_in: 46",
            "case 2 ‘invoice’: `minutes.step_in` is 46, and the whole day has 45, so nobody can ever choose it. "
            "Make it shorter or the day longer.",
        ),
    ),
    row(
        "times out of order",
        ('time: "09:05"', 'time: "08:05"'),
        (
            "08:05",
            "case 3 ‘machine’: It comes in on day 1 at 08:05, before the case above it from the same person. "
            "That one is on day 1 at 08:20; put the cases of one person in the order of time.",
        ),
    ),
    row(
        "a colleague without minutes",
        ("    asks: true\n", "    hand_over_to: birk\n    asks: true\n"),
        (
            "machine > hand_over_to",
            "case 3 ‘machine’: `hand_over_to` is here and `minutes.hand_over` is missing. "
            "Add the minutes it takes to brief the colleague, or leave both out.",
        ),
    ),
    row(
        "minutes without a colleague",
        ("    hand_over_to: birk\n", ""),
        (
            "hand_over: 2",
            "case 1 ‘mainsail’: `minutes.hand_over` is here and `hand_over_to` is missing. "
            "Name the colleague, or leave both out.",
        ),
    ),
    row(
        "nobody knows how well placed the colleague is",
        ("      placed: 0.8\n", ""),
        (
            "mainsail > key:",
            "case 1 ‘mainsail’: `key.placed` is missing. "
            "Add how well placed the colleague is to take the case, from 0 to 1.",
        ),
    ),
    row(
        "right more often than looked at",
        ("right: 8, of: 10", "right: 12, of: 10"),
        (
            "right: 12",
            "case 2 ‘invoice’: `record.right` is 12, more than `record.of`, 10. "
            "The AI cannot be right more often than it was looked at.",
        ),
    ),
    row(
        "advice on some cases",
        ("    asks: true\n", "    asks: true\n    advice: routine\n"),
        (
            "- id: mainsail",
            "case 1 ‘mainsail’: `advice` is on 1 of 4 cases, and not on this one. "
            "Write it on all of them, so that the learner commits first everywhere, or on none.",
        ),
    ),
    row(
        "a condition on an unknown case",
        ("opens_if: {case: invoice,", "opens_if: {case: invoise,"),
        ("invoise", "case 3 ‘machine’: There is no case ‘invoise’. Did you mean ‘invoice’?"),
    ),
    row(
        "a condition on another person's case",
        ("opens_if: {case: invoice,", "opens_if: {case: mainsail,"),
        (
            "opens_if: {case: mainsail",
            "case 3 ‘machine’: ‘mainsail’ is a case of ‘ragna’, another person. "
            "Name an earlier case of the same person.",
        ),
    ),
    row(
        "a condition on a later case",
        (
            "    minutes: {rely: 1, review: 4, step_in: 10}\n",
            "    opens_if: {case: machine, did: [leave]}\n    minutes: {rely: 1, review: 4, step_in: 10}\n",
        ),
        (
            "opens_if: {case: machine",
            "case 2 ‘invoice’: ‘machine’ comes in later than this case. Name an earlier case of the same person.",
        ),
        (
            "opens_if: {case: invoice",
            "case 3 ‘machine’: This case can never come in, because of what it asks of ‘invoice’. "
            "Follow `opens_if` back, case by case, and ask for acts that can be done together.",
        ),
    ),
    row(
        "a condition on itself",
        ("opens_if: {case: invoice,", "opens_if: {case: machine,"),
        (
            "opens_if: {case: machine",
            "case 3 ‘machine’: The case waits for itself. Name an earlier case of the same person.",
        ),
    ),
    row(
        "an act that cannot be done there, among others that can",
        ("did: [rely, review]", "did: [rely, hand_over]"),
        (
            "[rely, hand_over]",
            "case 3 ‘machine’: ‘hand_over’ cannot be done with ‘invoice’. "
            "What can be done there is leave, rely, review or step_in.",
        ),
    ),
    row(
        "only an act that cannot be done there",
        ("did: [rely, review]", "did: [hand_over]"),
        (
            "did: [hand_over]",
            "case 3 ‘machine’: This case can never come in, because of what it asks of ‘invoice’. "
            "Follow `opens_if` back, case by case, and ask for acts that can be done together.",
        ),
        (
            "did: [hand_over]",
            "case 3 ‘machine’: ‘hand_over’ cannot be done with ‘invoice’. "
            "What can be done there is leave, rely, review or step_in.",
        ),
    ),
    row(
        "a wording for what kept the case from coming in",
        (
            "    opens_if: {case: invoice, did: [rely, review]}\n",
            "    opens_if: {case: invoice, did: [rely, review]}\n"
            "    variants: [{if: {case: invoice, did: [leave]}, message: Still no answer.}]\n",
        ),
        (
            "Still no answer",
            "case 3 ‘machine’, variant 1: This wording can never be used, because of what it asks of ‘invoice’. "
            "Ask for something that can have been done when the case comes in, or take the variant out.",
        ),
    ),
    row(
        "two wordings for the same act",
        ("did: [step_in, hand_over]", "did: [step_in, leave]"),
        (
            "[step_in, leave]",
            "case 4 ‘label’, variant 2: After ‘leave’ on ‘mainsail’ both this variant and variant 1 fit. "
            "Variant 1 is used; take the act out of one of them.",
        ),
    ),
    row(
        "a wording without a condition",
        ("      - if: {case: mainsail, did: [leave]}\n        message:", "      - message:"),
        (
            "      - message:",
            "case 4 ‘label’, variant 1: It has neither `if` nor `knows`. Say when this wording is used.",
        ),
    ),
    row(
        "a wording for what nobody can know by then",
        ("if: {case: mainsail, did: [leave]}", "knows: found_out"),
        (
            "knows: found_out",
            "case 4 ‘label’, variant 1: They cannot have found out: no night lies between this case and an earlier one "
            "of theirs. Take the variant out, or write it in a later case.",
        ),
    ),
    row(
        "variants and conditions in an assessment",
        ("use: practice", "use: assessment"),
        (
            "opens_if: {case: invoice",
            "case 3 ‘machine’: `opens_if` is here, and this is an assessment. "
            "Take it out: in an assessment everybody gets the same cases.",
        ),
        (
            "variants:",
            "case 4 ‘label’: `variants` is here, and this is an assessment. "
            "Take it out: in an assessment everybody gets the same cases.",
        ),
    ),
    row(
        "a draft of three sentences in a scenario of few cases",
        ("      - Have a good trip!\n", ""),
        (
            "label > draft:",
            "case 4 ‘label’: `draft` has 3 sentences. "
            "Give it at least 4; fewer do only in a scenario of more than 12 cases.",
        ),
    ),
    row(
        "a flaw in a sentence that is not there",
        ("sentence: 3", "sentence: 5"),
        (
            "sentence: 5",
            "case 2 ‘invoice’, flaw 1: There is no sentence 5; the draft has 4. Count the sentences from 1.",
        ),
    ),
    row(
        "two flaws in one sentence",
        (
            "    reactions:\n      rely: Paid!",
            "        - {sentence: 3, kind: invented, severity: minor, harm: 0, why: So it is., fix: Another sum.}\n"
            "    reactions:\n      rely: Paid!",
        ),
        (
            "kind: invented",
            "case 2 ‘invoice’, flaw 2: Sentence 3 has a flaw already, on line 103. "
            "Make one flaw of the two; a sentence is struck once.",
        ),
    ),
    row(
        "a fix that mends nothing",
        ("fix: You owe 6,940 kr in all, of which 740 kr for the bag.", "fix: You owe  6,490 kr in all."),
        (
            "fix: You owe",
            "case 2 ‘invoice’, flaw 1: The fix is the same as sentence 3. Write the sentence as it should have been.",
        ),
    ),
    row(
        "a reaction that is missing",
        ("      review_missed: Paid! The last three hundred we can fight about.\n", ""),
        (
            "invoice > reactions:",
            "case 2 ‘invoice’: `reactions.review_missed` is missing. "
            "Add the reaction after review with a flaw left in.",
        ),
    ),
    row(
        "a reaction to a miss where there is no flaw",
        ("      rely: Havdis it is.\n", "      rely: Havdis it is.\n      review_missed: Oh.\n"),
        (
            "review_missed: Oh.",
            "case 4 ‘label’: `reactions.review_missed` can never be shown: the draft has no flaw to miss. "
            "Take it out, or change what makes it impossible.",
        ),
    ),
    row(
        "a reaction that says nothing of AI to somebody who asked",
        ("      rely_tell: Ha, I knew it!", "      rely: Fine.\n      rely_tell: Ha, I knew it!"),
        (
            "rely: Fine.",
            "case 3 ‘machine’: `reactions.rely` can never be shown: they ask straight out, so relying always tells. "
            "Take it out, or change what makes it impossible.",
        ),
    ),
    row(
        "a reaction to being told, from somebody who has found out",
        (ODD, ODD.replace("Odd Lervik", f"Odd Lervik\n    past: {PAST}")),
        (
            "rely_tell: A machine that cannot add!",
            "case 2 ‘invoice’: `reactions.rely_tell` can never be shown: by their `past` they know that AI helps, "
            "so nothing is left to tell. Take it out, or change what makes it impossible.",
        ),
        (
            "review_tell: Paid, and greet the machine.",
            "case 2 ‘invoice’: `reactions.review_tell` can never be shown: by their `past` they know that AI helps, "
            "so nothing is left to tell. Take it out, or change what makes it impossible.",
        ),
    ),
    row(
        "a reaction to a colleague whom nobody can ask",
        ("      rely: Havdis it is.\n", "      rely: Havdis it is.\n      hand_over: Oh.\n"),
        (
            "hand_over: Oh.",
            "case 4 ‘label’: `reactions.hand_over` can never be shown: nobody can take this case over. "
            "Take it out, or change what makes it impossible.",
        ),
    ),
    row(
        "a reason that stands in the case file",
        ("why: 6,200 and 740 make 6,940.", "why: One spinnaker, one bag, fetched by the club on 29 Aug."),
        (
            "why: One spinnaker",
            "case 2 ‘invoice’, flaw 1: ‘One spinnaker, one bag, fetched by the club on 29 Aug.’ stands word for word "
            "in what the learner sees, on line 89. Word one of the two differently.",
        ),
    ),
    row(
        "a reaction that stands in the message of a later case",
        (
            "      leave: In the afternoon she stands in the doorway with her cap on.",
            "      leave: I wrote this morning.",
        ),
        (
            "mainsail > leave:",
            "case 1 ‘mainsail’: ‘I wrote this morning.’ stands word for word "
            "in what the learner sees, on line 157. Word one of the two differently.",
        ),
    ),
]

CONTENT = [
    row(
        "too few words in the setting",
        (
            "  An AI has a draft ready for every message. Reading the order file against it takes minutes, and\n"
            "  so does a call. The van with finished sails leaves at noon, and the labels are yours to write.\n",
            "",
        ),
        (
            "setting: |",
            "The setting has 43 words. Write 60 to 120: who you are, where, and what the day is.",
        ),
    ),
    row(
        "too much trust to begin with",
        ("trust: {ability: 0.2,", "trust: {ability: 0.9,"),
        (
            "ability: 0.9",
            "person 1 ‘ragna’: The three parts of `key.trust` add up to 1.1. "
            "From -0.5 to 0.8 is usual; beyond that there is little left to win or to lose.",
        ),
    ),
    row(
        "too many cases that need a person",
        ("presence_need: 0.2", "presence_need: 0.6"),
        (
            "cases:",
            "2 of 4 cases have a presence need of 0.6 or more "
            "(need high: 0 faulty, 2 right; need low: 1 faulty, 1 right). Practice keeps to 15 to 35 per cent, here 1.",
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [*NOT_YAML, *REFUSED, *SHAPE, *RULES, *CONTENT])
def test_one_thing_spoilt_is_one_sentence_at_its_line(
    tmp_path: Path, changes: list[Change], expected: list[Expected]
) -> None:
    text = spoilt(*changes)
    faults = check_file(write(tmp_path, text))
    told = [(fault.line, f"{fault.where}: {fault.what}. {fault.do}".removeprefix(": ")) for fault in faults]
    assert told == [(line_of(text, words), sentence) for words, sentence in expected]


def test_the_base_scenario_is_in_order(tmp_path: Path) -> None:
    assert check_file(write(tmp_path, spoilt())) == []
