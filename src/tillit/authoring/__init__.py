"""What a writer of scenarios needs: the published format, the checks, and the compiler.

scenario.schema.json, conversation.schema.json  the formats, for editors and for people
read.py               one YAML file, read safely, with the place of every node
shape.py              what the schema finds, in words
rules.py              what has to hold across fields
conversations.py      the same for a conversation, a file of its own beside the scenario
content.py            what the content has to hold: rates, and need crossed with fault
check.py              all of these for one file
people.py             the people of simulated months: a scenario without what a rule never sees
compile.py            the checked file as the engine reads it, hidden half apart
surface.py            whether anything superficial gives need or fault away, over many scenarios
"""
