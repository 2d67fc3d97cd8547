/** What the visitor agreed to, from everyone who says so: the site, Consent Mode v2, a TCF banner. The edge judges it. */

/** What every post says of the page and its visitor's choice. `gcm`: Consent Mode v2; `tcf`: the TC string. */
export interface Signals {
  v?: 1;
  site?: string | undefined;
  consent?: string;
  gcm?: Record<string, unknown>;
  tcf?: string;
}

declare global {
  var dataLayer: object[];
  interface Window {
    dataLayer: object[];
    __tcfapi?: (command: string, version: number, heard: (data: TcData, ok: boolean) => void) => void;
  }
}

interface TcData {
  readonly gdprApplies?: boolean;
  readonly tcString: string;
}

export const signals: Signals = { v: 1 };

let onChange = (): void => undefined;

export const whenChanged = (work: () => void): void => {
  onChange = work;
};

/** Takes in what was said; another word than before is passed on. */
export function hear(said: Signals): void {
  const before = JSON.stringify(signals);
  if (JSON.stringify(Object.assign(signals, said)) !== before) onChange();
}

/** Runs `work` with the arguments of each call of `owner[name]` and what came of it, soon after. */
export function after<Owner extends object>(owner: Owner, name: keyof Owner, work: (given: any[], came: any) => void): void {
  const plain = owner[name] as (...given: unknown[]) => unknown;
  owner[name] = function (this: unknown, ...given: unknown[]) {
    const came = plain.apply(this, given);
    queueMicrotask(() => work(given, came));
    return came;
  } as Owner[keyof Owner];
}

/** `gtag("consent", …)` of the data layer. What one region's default denies, another's does not grant. */
function hearLayer(entries: any[]): void {
  for (const entry of entries) {
    if (entry?.[0] !== "consent") continue;
    const gcm = { ...signals.gcm };
    for (const name in entry[2]) {
      if (/^a/.test(name) && (entry[1] === "update" || gcm[name] !== "denied")) gcm[name] = entry[2][name];
    }
    hear({ gcm });
  }
}

/** Takes in what was said already, and all that will be. */
export function followSignals(): void {
  hearLayer((window.dataLayer ||= []));
  after(window.dataLayer, "push", hearLayer);
  window.__tcfapi?.("addEventListener", 2, (data, ok) => {
    if (ok && data.gdprApplies) hear({ tcf: data.tcString });
  });
}
