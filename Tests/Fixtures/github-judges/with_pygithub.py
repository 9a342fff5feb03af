"""Does a release and a review through PyGithub.

usage: with_pygithub.py URL TOKEN OWNER/REPO FILE, prints the number of things done.
"""

import sys
import time

from github import Auth, Github

url, token, name, file = sys.argv[1:5]
github = Github(auth=Auth.Token(token), base_url=url + "/api/v3", retry=None, timeout=120, seconds_between_requests=0, seconds_between_writes=0)
repository = github.get_repo(name)
assert github.get_user().login == "anna"
assert repository.default_branch == "main" and repository.permissions.admin
done = 2

release = repository.create_git_release("p1", "P 1", "Notes", draft=True)
asset = release.upload_asset(file, label="The file", content_type="application/zip")
assert asset.state == "uploaded" and asset.size > 0
release.update_release("P 1", "Notes", draft=False)
assert repository.get_release("p1").title == "P 1"
assert [a.name for a in repository.get_latest_release().get_assets()] == [asset.name]
asset.delete_asset()
done += 6

pull = repository.create_pull(base="main", head="fix", title="Fix", body="Because")
assert [p.number for p in repository.get_pulls(head="acme:fix")] == [pull.number]
pull.create_review_request(reviewers=["ben"])
pull.create_review(body="Hm", event="COMMENT")
assert [r.state for r in pull.get_reviews()] == ["COMMENTED"]
assert [f.filename for f in pull.get_files()] == ["one.txt"]
assert repository.get_commit(pull.head.sha).get_combined_status().state == "pending"
assert pull.merge(merge_method="rebase", sha=pull.head.sha).merged
done += 8

contents = repository.get_contents("README.md")
repository.update_file("README.md", "Say more", "more\n", contents.sha)
repository.create_git_ref("refs/heads/side", repository.get_branch("main").commit.sha)
repository.create_issue("Broken", labels=["bug"]).create_comment("Yes")
done += 4

workflow = repository.get_workflow("work.yml")
assert workflow.create_dispatch("main")
run = workflow.get_runs(event="workflow_dispatch")[0]
deadline = time.monotonic() + 60
while run.status != "completed":
    assert time.monotonic() < deadline, run.status
    run = repository.get_workflow_run(run.id)
assert run.conclusion == "success"
assert [job.conclusion for job in run.jobs()] == ["success"]
assert run.rerun()
done += 6
print(done)
