import numpy as np

from minimodel.masks import causal_mask
from minimodel.softmax import softmax

scores = np.array([2.0, 1.0, 4.0, 3.0])
weights = softmax(scores + causal_mask(4)[2])
print(weights.round(4))
