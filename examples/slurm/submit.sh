#!/bin/sh
# On the login node: take the results that are there, ask for 16 points, submit an array job for
# them. No database, and no process that stays. Give the line again when the array is through.
#
#   ./submit.sh [POINTS]
set -eu
n=${1:-16}
[ -e run.db ] || bayesopt new spec.toml run.db
mkdir -p results batches
bayesopt collect run.db results > /dev/null
batch=batches/$(date +%Y%m%d-%H%M%S)-$$.csv
bayesopt ask run.db -n "$n" --csv > "$batch"
points=$(($(wc -l < "$batch") - 1))     # fewer when the space has no more
sbatch --array="1-$points" job.sh "$batch"
