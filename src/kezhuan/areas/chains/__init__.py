"""What surrounds a consortium: scenarios and capacity that its members offer, and the gaps of its chain."""
