using System.Net;
using System.Text;

namespace RawWs.Conformance;

/// <summary>The report for people: one file that needs nothing else, in the reader's own light or dark.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ok: #1a7f37; --nonstrict: #9a6700; --failed: #cf222e; --info: #0969da; --quiet: #6e7781; --line: #8884; }
        @media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --nonstrict: #d29922; --failed: #f85149; --info: #58a6ff; --quiet: #8b949e; } }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        td.n, th.n { text-align: right; } pre, code { font: 12px/1.45 ui-monospace, monospace; white-space: pre-wrap; word-break: break-all; margin: 0; }
        details { border-bottom: 1px solid var(--line); padding: .25rem 0; } summary { cursor: pointer; } h2 { margin-top: 2.5rem; }
        .Ok { color: var(--ok); } .NonStrict { color: var(--nonstrict); } .Failed { color: var(--failed); font-weight: 600; }
        .Informational { color: var(--info); } .Unimplemented, .Skipped, .why { color: var(--quiet); }
        .body { margin: .4rem 0 .8rem 1.2rem; } label { margin-right: 1rem; }
        """;

    private const string Script = """
        for (const box of document.querySelectorAll('input')) box.onchange = () => {
          const hidden = [...document.querySelectorAll('input:not(:checked)')].map(input => input.value);
          for (const one of document.querySelectorAll('details')) one.hidden = hidden.includes(one.dataset.outcome);
        };
        """;

    private static readonly Outcome[] Outcomes = Enum.GetValues<Outcome>();

    public static string Render(ConformanceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var html = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        html.Append($"<title>WebSocket conformance of {Text(report.Target)}</title><style>{Style}</style>");
        html.Append($"<h1>WebSocket conformance of <code>{Text(report.Target)}</code></h1>");
        html.Append($"<p>{report.Results.Count} cases on {report.StartedAt:yyyy-MM-dd HH:mm} in {report.Seconds:0.0} s, chop {report.Chop}, seed {report.Seed}, limit {report.MaxMessageSize} bytes.</p>");
        AppendSummary(html, report);

        html.Append("<p>Show: ");
        foreach (var outcome in Outcomes)
            html.Append($"<label class=\"{outcome}\"><input type=\"checkbox\" checked value=\"{outcome}\"> {outcome}</label>");
        html.Append("</p>");

        foreach (var group in report.Results.GroupBy(result => result.Group))
        {
            html.Append($"<h2 id=\"{group.Key}\">{group.Key}</h2>");
            foreach (var result in group)
                AppendCase(html, result);
        }

        return html.Append($"<script>{Script}</script></html>").ToString();
    }

    private static void AppendSummary(StringBuilder html, ConformanceReport report)
    {
        html.Append("<table><tr><th>group<th class=\"n\">cases");
        foreach (var outcome in Outcomes)
            html.Append($"<th class=\"n {outcome}\">{outcome}");
        foreach (var group in report.Results.GroupBy(result => result.Group))
        {
            html.Append($"<tr><td><a href=\"#{group.Key}\">{group.Key}</a><td class=\"n\">{group.Count()}");
            foreach (var outcome in Outcomes)
                html.Append($"<td class=\"n\">{group.Count(result => result.Outcome == outcome)}");
        }

        html.Append($"<tr><th>all<th class=\"n\">{report.Results.Count}");
        foreach (var outcome in Outcomes)
            html.Append($"<th class=\"n {outcome}\">{report.Count(outcome)}");
        html.Append("</table>");
    }

    private static void AppendCase(StringBuilder html, CaseResult result)
    {
        html.Append($"<details data-outcome=\"{result.Outcome}\" id=\"{result.Id}\"><summary><span class=\"{result.Outcome}\">{result.Outcome}</span> <code>{result.Id}</code> {Text(result.Title)}");
        if (result.Outcome != Outcome.Ok)
            html.Append($" <span class=\"why\">{Text(result.Why)}</span>");
        html.Append($"</summary><div class=\"body\"><p>{Text(result.Expectation)}</p>");
        html.Append($"<p>Behaviour: <span class=\"{result.Behaviour}\">{result.Behaviour}</span> {Text(result.Detail)}<br>");
        html.Append($"Closing: <span class=\"{result.Closing}\">{result.Closing}</span> {Text(result.ClosingDetail)}<br>{result.Milliseconds:0.0} ms</p><table>");
        foreach (var entry in result.Wire)
        {
            html.Append($"<tr><td class=\"n\">{entry.Milliseconds:0.0}<td>{(entry.Connection == 0 ? "" : $"#{entry.Connection + 1}")}<td>{entry.Direction}");
            html.Append($"<td>{Text(entry.Summary)}<td><pre>{Text(entry.Bytes)}</pre>");
        }

        html.Append("</table></div></details>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
