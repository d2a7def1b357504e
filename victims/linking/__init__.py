"""One trace, one normal form: how two victims who copied the same account, number or address are seen to agree.

Pure: text in, normal forms out. Nothing is looked up, opened or kept here.
"""
