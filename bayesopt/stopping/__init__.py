"""Early stopping: rules that decide from learning curves whether a trial should go on."""

from bayesopt.stopping.base import StoppingRule as StoppingRule
from bayesopt.stopping.base import verdict as verdict
from bayesopt.stopping.choosing import default_rule as default_rule
from bayesopt.stopping.choosing import read_rule as read_rule
from bayesopt.stopping.curve_answers import CurveAnswers as CurveAnswers
from bayesopt.stopping.curve_model import CurveModel as CurveModel
from bayesopt.stopping.curves import LearningCurve as LearningCurve
from bayesopt.stopping.curves import learning_curves as learning_curves
from bayesopt.stopping.curves import resumed_trial as resumed_trial
from bayesopt.stopping.ends import Predictor as Predictor
from bayesopt.stopping.ends import predicted_ends as predicted_ends
from bayesopt.stopping.halving import Hyperband as Hyperband
from bayesopt.stopping.halving import SuccessiveHalving as SuccessiveHalving
from bayesopt.stopping.look_by_look import ends_look_by_look as ends_look_by_look
from bayesopt.stopping.racing import FoldRace as FoldRace
from bayesopt.stopping.replay import Replay as Replay
from bayesopt.stopping.replay import replay as replay
from bayesopt.stopping.rules import MedianRule as MedianRule
from bayesopt.stopping.rules import NoStopping as NoStopping
