"""How a range of days is reached on a board: pure generators that yield what to ask next and are sent what the page showed.

Here: decisions only. Not here: requests, landing, clocks; `board` drives a strategy, tests drive it with a board in memory.
"""
