"""Words that other tools have for what stands in a field here, and words for which there is no field.

Looked up only where a field is unknown. A word is compared in small letters with `_`: `dependsOn` is `depends_on`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_FIELDS: Mapping[str, str] = {
    # field: the words for it
    "when": "if condition conditions only_if run_if trigger_if",
    "needs": "depends_on depends dependencies dependson after requires upstream runs_after run_after wait_for wait_on",
    "foreach": "with_items with_list with_param loop iterate iterate_over for map matrix each loop_over scatter",
    "as": "loop_var item_var item_name iterator_name",
    "max_parallel": "concurrency max_concurrency parallelism max_workers max_concurrent",
    "retry": "retries retry_policy retry_strategy attempts",
    "on_error": "continue_on_error continue_on allow_failure ignore_errors ignore_error on_fail error_handler catch",
    "timeout": "timeout_minutes timeout_seconds timeout_sec time_limit deadline active_deadline_seconds"
    " execution_timeout timeout_ms",
    "run": "command cmd script bash sh bash_command exec execute entrypoint shell_command",
    "python": "function python_callable callable code py",
    "http": "request rest rest_api webhook http_request",
    "prompt": "llm messages chat completion user_prompt prompt_template",
    "task": "prompt input message query question goal instructions job",
    "workflow": "subworkflow sub_workflow workflow_file child_workflow dag",
    "with": "inputs params parameters arguments args input input_parameters kwargs payload",
    "env": "environment envs variables vars",
    "output": "schema output_schema response_format json_schema response_schema returns output_type result_type"
    " output_parser structured_output",
    "name": "description title label display_name summary desc",
    "ask": "approval human confirm approve manual human_input user_input",
    "wait": "sleep delay pause duration",
    "steps": "jobs tasks nodes stages dag workflow pipeline activities states group do block job task flow",
    "memory": "collection namespace index store vector_store knowledge_base memory_name",
    "recall": "search retrieve retrieval rag",
    "remember": "ingest upsert memorize",
    "notify": "slack email send_message alert",
    "set": "assign let vars variables transform",
    "repeat": "loop_until do_while retry_until",
    "idempotent": "safe_to_retry",
    "format": "output_format parse",
    "stdin": "standard_input",
    "model": "llm model_name engine llm_model model_id",
    "temperature": "temp",
    "max_tokens": "max_output_tokens token_limit max_new_tokens num_predict max_completion_tokens",
    # of a workflow
    "inputs": "input params parameters variables vars args arguments",
    "outputs": "output results returns",
    "apiVersion": "version api_version schema_version",
    "finally": "always cleanup teardown on_exit after_all ensure on_success",
    "on_failure": "on_error on_fail catch handler_on",
    # of what stands inside
    "max": "attempts max_attempts limit times count max_retries retries maximum_attempts max_iterations max_rounds"
    " max_loops iterations number",
    "delay": "backoff interval wait initial_interval retry_delay delay_seconds interval_seconds sleep pause",
    "max_delay": "max_backoff max_interval max_wait cap",
    "on": "retry_on retryable on_errors errors",
    "until": "break_when stop_when exit_when end_when condition stop_if break_if",
    "on_max": "on_limit on_exhausted",
    "value": "default fallback result",
    "turns": "max_turns steps iterations max_steps max_iterations max_iter rounds",
    "tokens": "max_tokens token_limit",
    "cost": "max_cost budget usd dollars cost_usd max_budget",
    "time": "timeout max_time duration",
    "message": "question text prompt title body content msg",
    "choices": "options answers buttons values enum",
    "form": "fields schema inputs properties",
    "ci": "default default_answer auto",
    "channel": "to target via",
    "query": "params query_params qs query_string",
    "json": "data payload json_body body_json",
    "url": "uri endpoint address href base_url",
    "method": "verb",
    "headers": "header",
    "top": "top_k k limit n_results max_results",
    "min_score": "threshold min_similarity score_threshold similarity",
    "files": "file path paths documents sources",
    "text": "content document",
    # of an agent
    "instructions": "prompt system_prompt system system_message instruction persona role goal backstory",
    "tools": "functions toolset skills tool",
    "limits": "max_turns max_iterations max_steps max_iter budget",
    # of an input, and of a JSON Schema
    "enum": "options choices values allowed allowed_values one_of",
    "minimum": "min",
    "maximum": "max",
    "description": "desc help prompt title label",
    "pattern": "regex match validation",
    "default": "default_value value",
    "properties": "fields attributes props keys",
    "items": "item element elements",
    # of the project file
    "defaults": "settings",
    "base_url": "api_base base endpoint url host",
    "api_key": "key token apikey api_token",
    "fallbacks": "fallback",
    "command": "cmd run exec",
}
_NO_FIELD: Mapping[str, Mapping[str, str]] = {
    # where: {words: what to do instead}
    "a step": {
        "uses action plugin": "a tool is called by `tool`, a function by `python`, another file by `workflow`",
        "id": "the id of a step is the key under which it stands",
        "type kind task_type operator": "what a step does is said by its key: `prompt`, `run`, `agent`, …",
        "next goto then transitions edges on_success": "order comes from what steps read, and from `needs` of the"
        " later one",
        "else otherwise unless": "write another step with the opposite `when`",
        "parallel": "steps that do not depend on each other run at the same time",
        "shell": "a text under `run` is a bash script; for another shell write a list: `run: [sh, -c, …]`",
        "working_directory cwd workdir working_dir": "a command starts in the project's root: begin it with `cd …`",
        "image container": "commands run on this machine: write `run: docker run …`",
        "runs_on executor": "steps run on this machine",
        "strategy": "write `foreach`: the step runs once for each item of a list",
        "until": "it stands in `repeat`: `repeat: {max: 5, until: …}`",
        "while": "write `repeat: {max: 5, until: …}` with the opposite condition",
        "system system_prompt system_message": "write `prompt` as a list: `- system: …`, then `- user: …`",
        "method headers url": "it stands in `http`: `http: {url: …}`",
        "choices options form": "it stands in `ask`: `ask: {message: …}`",
        "log echo print": "write `run: echo …`, or `notify: {channel: log, message: …}`",
    },
    "a workflow": {
        "on triggers trigger schedule cron": "a workflow is started by `agentflow run`: by hand, by cron, by CI",
        "env environment": "each step has its own `env`; for all of them there is `defaults: {pass_env: […]}` in"
        " agentflow.yaml",
        "secrets": "a step lists its own `secrets`",
        "model max_parallel concurrency defaults max_concurrency": "it stands under `defaults` in agentflow.yaml",
        "models": "models stand in agentflow.yaml",
        "tools": "tools are the functions in `tools/*.py`; an agent lists its own",
        "retry retries cache": "each step has its own",
        "kind metadata spec": "this is no Kubernetes manifest: leave it out",
    },
    "an agent": {"temperature max_tokens": "it stands with the model in agentflow.yaml: `models: {NAME: {…}}`"},
    "`repeat`": {"while": "write `until` with the opposite condition"},
    "`ask`": {"timeout retry": "it stands beside `ask`, as a field of the step"},
    "`http`": {
        "timeout retry retries": "it stands beside `http`, as a field of the step",
        "auth authorization token bearer": "send a header: `headers: {Authorization: \"Bearer ${{ secrets.NAME }}\"}`",
    },
    "`on_error`": {
        "goto step run next retry": "a step that reads `steps.ID.status` can take over; here write `continue`, `fail`"
        " or `{value: …}`",
    },
    "an input": {
        "optional": "an input is required exactly when it has no `default`",
        "nullable": "write `type: [string, \"null\"]`",
    },
    "a JSON Schema": {
        "optional": "the fields that must be there are listed under `required`, beside `properties`",
        "nullable": "write `type: [string, \"null\"]`",
    },
}  # fmt: skip


def meant(name: str, known: Collection[str]) -> str | None:
    """The field among `known` for which another tool says `name`."""
    return next((field for field in _spelt().get(_plain(name), ()) if field in known), None)


def advice(name: str, where: str) -> str | None:
    """What to do instead of writing `name` in `where` (`a step`, `` `retry` ``), for which there is no field."""
    where = "a step" if where.endswith(" step") else where
    word = _plain(name)
    return next((said for words, said in _NO_FIELD.get(where, {}).items() if word in words.split()), None)


@functools.cache
def _spelt() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, words in _FIELDS.items():
        for word in words.split():
            found.setdefault(word, []).append(field)
    return found


def _plain(name: str) -> str:
    return _CAPITAL.sub("_", name).lower().replace("-", "_").replace(" ", "_")
