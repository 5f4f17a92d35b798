// Whether a document is one of OpenAPI, by the specification's own schema.
//
//     node tests/template/openapi.mjs docs/openapi.json

import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';

const document = JSON.parse(await readFile(process.argv[2], 'utf8'));
const validator = new Validator();
const { valid, errors } = await validator.validate(document);
if (!valid) {
  console.error(errors);
  process.exit(1);
}
console.log(`${process.argv[2]}: OpenAPI ${validator.version}, ${Object.keys(document.paths).length} paths`);
