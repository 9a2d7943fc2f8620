"""Proposers: from what is known of a run to the next point."""

from bayesopt.proposal.acquisition_search import AcquisitionSearch as AcquisitionSearch
from bayesopt.proposal.base import Evaluated as Evaluated
from bayesopt.proposal.base import ModelReliability as ModelReliability
from bayesopt.proposal.base import NoFeasiblePoint as NoFeasiblePoint
from bayesopt.proposal.base import ProposalContext as ProposalContext
from bayesopt.proposal.base import Proposer as Proposer
from bayesopt.proposal.base import SpaceExhausted as SpaceExhausted
from bayesopt.proposal.baselines import GridSearch as GridSearch
from bayesopt.proposal.baselines import RandomSearch as RandomSearch
from bayesopt.proposal.exploration import next_point as next_point
from bayesopt.proposal.gradient_search import MultistartGradient as MultistartGradient
