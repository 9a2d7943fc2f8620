"""Ask and tell."""

from bayesopt.optimizer.earlier import earlier_points as earlier_points
from bayesopt.optimizer.event_log import EnoughTrials as EnoughTrials
from bayesopt.optimizer.optimizer import Optimizer as Optimizer
from bayesopt.optimizer.prediction import Prediction as Prediction
from bayesopt.optimizer.run_header import find_run as find_run
