"""Answers by a schema, asked for as the official clients have it: `python3 parse.py`, with the built stack as SERVER."""

import itertools
import json
import subprocess
import unittest

import openai
from langchain_openai import ChatOpenAI
from model_server import JARS, ModelServer
from node_client import NODE
from openai.types.chat import ChatCompletion
from pydantic import BaseModel
from stack import ROOT, Stack

NUMBERS = itertools.count(1)
KEY = "a-key-of-these-tests"
HERE = ROOT / "tests/clients"


class Jars(BaseModel):
    """What was counted."""

    jars: int


class Words(BaseModel):
    """Nothing that the model server says fits it."""

    words: list[str]


def setUpModule():
    global models, stack, client
    models = ModelServer()
    stack = Stack(models.address, KEY)
    client = openai.OpenAI(base_url=stack.v1, api_key=KEY)


def tearDownModule():
    client.close()
    stack.close()
    models.close()


def question(kind):
    return f"How many? {kind}-{next(NUMBERS)}"


def said(text):
    return [{"role": "user", "content": text}]


KINDS = ("jars", "mends")


class Parse(unittest.TestCase):
    def test_chat_completions_are_parsed(self):
        for kind in KINDS:
            parsed = client.chat.completions.parse(model="orchestrator", messages=said(question(kind)), response_format=Jars)
            self.assertEqual(parsed.choices[0].message.parsed, Jars(jars=JARS))

    def test_streams_of_chat_completions_are_parsed(self):
        for kind in KINDS:
            with client.chat.completions.stream(model="orchestrator", messages=said(question(kind)), response_format=Jars) as stream:
                for _ in stream:
                    pass
                completion = stream.get_final_completion()
            self.assertIsInstance(completion, ChatCompletion)
            self.assertEqual(completion.choices[0].message.parsed, Jars(jars=JARS))

    def test_responses_are_parsed(self):
        for kind in KINDS:
            parsed = client.responses.parse(model="orchestrator", input=question(kind), text_format=Jars)
            self.assertEqual(parsed.output_parsed, Jars(jars=JARS))

    def test_streams_of_responses_are_parsed(self):
        for kind in KINDS:
            with client.responses.stream(model="orchestrator", input=question(kind), text_format=Jars) as stream:
                for _ in stream:
                    pass
                parsed = stream.get_final_response()
            self.assertEqual(parsed.output_parsed, Jars(jars=JARS))

    def test_what_does_not_fit_is_an_error_of_the_client(self):
        once = client.with_options(max_retries=0)
        with self.assertRaises(openai.InternalServerError) as caught:
            once.chat.completions.parse(model="orchestrator", messages=said(question("jars")), response_format=Words)
        self.assertEqual(caught.exception.code, "invalid_answer")
        self.assertIn("words: expected an array", str(caught.exception))

    def test_langchain_gives_objects(self):
        model = ChatOpenAI(model="orchestrator", base_url=stack.v1, api_key=KEY)
        for uses_responses in (False, True):
            asked = model.model_copy(update={"use_responses_api": uses_responses})
            answer = asked.with_structured_output(Jars, method="json_schema").invoke(question("mends"))
            self.assertEqual(answer, Jars(jars=JARS))

    def test_clients_for_node_give_objects(self):
        for kind in KINDS:
            questions = [question(kind) for _ in range(4)]
            command = [str(NODE), "parse.mjs", stack.v1, KEY, *questions]
            told = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, timeout=120)
            self.assertEqual(json.loads(told.stdout), [{"jars": JARS}] * 4)


if __name__ == "__main__":
    unittest.main()
