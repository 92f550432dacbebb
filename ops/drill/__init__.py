"""`hactl drill` and `hactl drills`: one fault while clients write, its repair, and what that cost."""
