"""Proposers: from what is known of a run to the next point."""

from bayesopt.proposal.base import Proposer as Proposer
from bayesopt.proposal.base import Situation as Situation
from bayesopt.proposal.base import SpaceExhausted as SpaceExhausted
from bayesopt.proposal.base import Trust as Trust
from bayesopt.proposal.baselines import GridSearch as GridSearch
from bayesopt.proposal.baselines import RandomSearch as RandomSearch
from bayesopt.proposal.search import AcquisitionSearch as AcquisitionSearch
