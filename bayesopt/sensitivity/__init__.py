"""What matters: variance-based sensitivity of a run's model to each parameter."""

from bayesopt.sensitivity.effects import Importance as Importance
from bayesopt.sensitivity.effects import PairEffect as PairEffect
from bayesopt.sensitivity.effects import ParameterEffect as ParameterEffect
from bayesopt.sensitivity.effects import explained_words as explained_words
from bayesopt.sensitivity.fitted_run import FittedRun as FittedRun
from bayesopt.sensitivity.importance import what_matters as what_matters
from bayesopt.sensitivity.left_out import LeftOut as LeftOut
from bayesopt.sensitivity.left_out import leave_one_out as leave_one_out
from bayesopt.sensitivity.prediction_check import predictions_left_out as predictions_left_out
