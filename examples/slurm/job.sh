#!/bin/sh
#SBATCH --job-name=bayesopt
#SBATCH --time=01:00:00
#SBATCH --output=results/%A_%a.log
# One task of the array: its line of the batch, its point, its result.
set -eu
line=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$1")
IFS=, read -r number angle layers rest <<LINE
$line
LINE
if value=$(./simulate.sh "$angle" "$layers"); then
    echo "{\"value\": $value}" > "results/$number.part"
else
    echo '{"error": "the simulation failed"}' > "results/$number.part"
fi
mv "results/$number.part" "results/$number.json"    # whole, or not there
