___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Ringtrace",
  "categories": [
    "ANALYTICS",
    "ATTRIBUTION",
    "LEAD_GENERATION"
  ],
  "brand": {
    "id": "brand_dummy",
    "displayName": "Ringtrace"
  },
  "description": "Shows each visitor the tracking number that your Ringtrace leased to the visit, and tells it of page views, taps and forms.",
  "containerContexts": [
    "WEB"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "site",
    "displayName": "Site key",
    "simpleValueType": true,
    "help": "As in the script tag that Ringtrace prints: data-site.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "edge",
    "displayName": "Address of the edge",
    "simpleValueType": true,
    "valueHint": "https://calls.example.com",
    "help": "Where /ringtrace.js is, without a slash at the end.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      },
      {
        "type": "REGEX",
        "args": [
          "^https://[^/]+$"
        ],
        "errorMessage": "https:// and a host name, nothing behind it"
      }
    ]
  },
  {
    "type": "SELECT",
    "name": "consent",
    "displayName": "The site's own word on consent",
    "macrosInSelect": true,
    "simpleValueType": true,
    "defaultValue": "unset",
    "selectItems": [
      {
        "value": "unset",
        "displayValue": "Not said"
      },
      {
        "value": "granted",
        "displayValue": "Granted"
      },
      {
        "value": "denied",
        "displayValue": "Denied"
      }
    ],
    "help": "A variable of your banner may say it, too."
  },
  {
    "type": "CHECKBOX",
    "name": "consentMode",
    "checkboxText": "Hand on Consent Mode and its updates",
    "simpleValueType": true,
    "defaultValue": true,
    "help": "For banners that set it inside Tag Manager. What gtag() says in the data layer is read without this. Tag Manager takes a type that nobody has set as granted: leave this off where Consent Mode is not in use."
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const addConsentListener = require('addConsentListener');
const callInWindow = require('callInWindow');
const createArgumentsQueue = require('createArgumentsQueue');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');

const CONSENT_TYPES = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];

/** The snippet puts its own function in the queue's place: it is looked up anew for each call. */
const tell = (command, value) => callInWindow('ringtrace', command, value);

const tellConsentMode = () => {
  const states = {};
  CONSENT_TYPES.forEach((type) => {
    states[type] = isConsentGranted(type) ? 'granted' : 'denied';
  });
  tell('gcm', states);
};

createArgumentsQueue('ringtrace', 'ringtrace.q');
tell('site', data.site);
tell('consent', data.consent);
if (data.consentMode) {
  tellConsentMode();
  CONSENT_TYPES.forEach((type) => addConsentListener(type, tellConsentMode));
}

const address = data.edge + '/ringtrace.js';
injectScript(address, data.gtmOnSuccess, data.gtmOnFailure, address);


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "inject_script",
        "versionId": "1"
      },
      "param": [
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://*/ringtrace.js"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_globals",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ringtrace"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ringtrace.q"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_consent",
        "versionId": "1"
      },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "analytics_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_user_data"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_personalization"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: it loads the snippet from the edge with its site
  code: |-
    const told = {};
    mock('callInWindow', (name, command, value) => { told[command] = value; });
    mock('injectScript', (url, onSuccess) => { told.url = url; onSuccess(); });
    runCode({ site: 'key', edge: 'https://calls.example.com', consent: 'unset', consentMode: false });
    assertThat(told).isEqualTo({ site: 'key', consent: 'unset', url: 'https://calls.example.com/ringtrace.js' });
    assertApi('gtmOnSuccess').wasCalled();
- name: it hands on consent mode and its updates
  code: |-
    const said = [];
    let update;
    let granted = false;
    mock('isConsentGranted', () => granted);
    mock('addConsentListener', (type, listener) => { update = listener; });
    mock('callInWindow', (name, command, value) => { if (command === 'gcm') said.push(value.ad_storage); });
    mock('injectScript', (url, onSuccess) => { onSuccess(); });
    runCode({ site: 'key', edge: 'https://calls.example.com', consent: 'unset', consentMode: true });
    granted = true;
    update('ad_storage', true);
    assertThat(said).isEqualTo(['denied', 'granted']);
setup: ''


___NOTES___

Written by hand after Tag Manager's documentation of custom templates and checked by our own tests for its sections and
permissions. It was never imported into a live container: see its preview there before you publish.
