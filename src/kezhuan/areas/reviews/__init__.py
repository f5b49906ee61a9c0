"""Reviews: experts, panels that judge for every programme, how experts are chosen, scores and results."""
