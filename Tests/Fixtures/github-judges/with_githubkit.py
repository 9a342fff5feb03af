"""Calls a server through githubkit, which refuses any answer that GitHub's description does not allow.

usage: with_githubkit.py URL TOKEN OWNER/REPO VERSION, prints the number of calls.
"""

import sys
import time

from githubkit import GitHub
from githubkit.exception import RequestFailed

url, token, name, version = sys.argv[1:5]
owner, repo = name.split("/")
github = GitHub(token, base_url=url + "/api/v3/", auto_retry=False, http_cache=False)
rest = github.rest(version)
calls = 0


def ask(function, *arguments, **more):
    """Calls, and has the answer parsed: that is where githubkit judges."""
    global calls
    calls += 1
    response = function(*arguments, **more)
    return response.parsed_data if response.status_code not in (204, 302) else None


ask(rest.users.get_authenticated)
ask(rest.rate_limit.get)
ask(rest.repos.get, owner, repo)
ask(rest.repos.list_branches, owner, repo)
ask(rest.repos.get_branch, owner, repo, "main")
ask(rest.repos.list_commits, owner, repo)
head = ask(rest.repos.get_commit, owner, repo, "main").sha
ask(rest.git.get_ref, owner, repo, "heads/main")
ask(rest.git.get_commit, owner, repo, head)
ask(rest.repos.create_commit_status, owner, repo, head, state="success", context="lint")
ask(rest.repos.get_combined_status_for_ref, owner, repo, "main")
ask(rest.repos.list_commit_statuses_for_ref, owner, repo, "main")
ask(rest.checks.list_for_ref, owner, repo, "main")
ask(rest.repos.get_content, owner, repo, "README.md")
ask(rest.repos.create_or_update_file_contents, owner, repo, "new.txt", message="m", content="YQ==")
ask(rest.repos.compare_commits, owner, repo, "main...fix")

draft = ask(rest.repos.create_release, owner, repo, tag_name="k1", draft=True, name="K")
asset = ask(rest.repos.upload_release_asset, owner, repo, draft.id, name="a.zip", data=b"12345")
assert asset.digest.startswith("sha256:") and asset.size == 5, asset
ask(rest.repos.list_release_assets, owner, repo, draft.id)
ask(rest.repos.get_release_asset, owner, repo, asset.id)
ask(rest.repos.update_release_asset, owner, repo, asset.id, name="b.zip")
ask(rest.repos.update_release, owner, repo, draft.id, draft=False)
ask(rest.repos.list_releases, owner, repo)
ask(rest.repos.get_release, owner, repo, draft.id)
ask(rest.repos.get_release_by_tag, owner, repo, "k1")
ask(rest.repos.get_latest_release, owner, repo)
ask(rest.repos.generate_release_notes, owner, repo, tag_name="k2")
ask(rest.git.list_matching_refs, owner, repo, "tags/k")
ask(rest.repos.list_tags, owner, repo)
ask(rest.repos.delete_release_asset, owner, repo, asset.id)
ask(rest.repos.delete_release, owner, repo, draft.id)

pull = ask(rest.pulls.create, owner, repo, title="K", head="fix", base="main").number
ask(rest.pulls.list, owner, repo, state="all")
ask(rest.pulls.get, owner, repo, pull)
ask(rest.pulls.update, owner, repo, pull, body="b")
ask(rest.pulls.list_commits, owner, repo, pull)
ask(rest.pulls.list_files, owner, repo, pull)
ask(rest.pulls.request_reviewers, owner, repo, pull, reviewers=["ben"])
ask(rest.pulls.list_requested_reviewers, owner, repo, pull)
ask(rest.pulls.create_review, owner, repo, pull, event="COMMENT", body="Hm")
ask(rest.pulls.list_reviews, owner, repo, pull)
ask(rest.pulls.list_review_comments, owner, repo, pull)
try:
    ask(rest.pulls.merge, owner, repo, pull, sha="0" * 40)
    raise SystemExit("a merge of another head went through")
except RequestFailed as failure:
    assert failure.response.status_code == 409
ask(rest.pulls.merge, owner, repo, pull, merge_method="squash")
ask(rest.pulls.check_if_merged, owner, repo, pull)

issue = ask(rest.issues.create, owner, repo, title="Broken", labels=["bug"]).number
comment = ask(rest.issues.create_comment, owner, repo, issue, body="Yes").id
ask(rest.issues.update_comment, owner, repo, comment, body="No")
ask(rest.issues.list_comments, owner, repo, issue)
ask(rest.issues.add_labels, owner, repo, issue, labels=["released"])
ask(rest.issues.list_labels_for_repo, owner, repo)
milestone = ask(rest.issues.create_milestone, owner, repo, title="1.1").number
ask(rest.issues.update, owner, repo, issue, state="closed", milestone=milestone)
ask(rest.issues.list_for_repo, owner, repo, state="all")
ask(rest.issues.list_milestones, owner, repo)

ask(rest.repos.get_branch_rules, owner, repo, "main")
ask(rest.repos.get_repo_rulesets, owner, repo)

workflow = ask(rest.actions.list_repo_workflows, owner, repo).workflows[0]
ask(rest.actions.get_workflow, owner, repo, workflow.id)
ask(rest.actions.create_workflow_dispatch, owner, repo, "work.yml", ref="main")
run = ask(rest.actions.list_workflow_runs, owner, repo, "work.yml", event="workflow_dispatch")
run = run.workflow_runs[0].id
deadline = time.monotonic() + 60
while (found := ask(rest.actions.get_workflow_run, owner, repo, run)).status != "completed":
    assert time.monotonic() < deadline, found.status
jobs = ask(rest.actions.list_jobs_for_workflow_run, owner, repo, run).jobs
ask(rest.actions.get_job_for_workflow_run, owner, repo, jobs[0].id)
ask(rest.checks.get, owner, repo, jobs[0].id)
ask(rest.checks.list_annotations, owner, repo, jobs[0].id)
ask(rest.actions.list_workflow_run_artifacts, owner, repo, run)
ask(rest.actions.get_pending_deployments_for_run, owner, repo, run)
ask(rest.actions.re_run_workflow, owner, repo, run)
print(calls)
