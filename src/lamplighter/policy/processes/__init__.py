"""Business processes as data: one dated file per type, read, checked and drawn from one source.

`catalogue` finds a process, `shapes` says what one is, `reading` and `checks` refuse a wrong file,
`timing` compares limits with promises, `bpmn` and `picture` draw it.
"""
