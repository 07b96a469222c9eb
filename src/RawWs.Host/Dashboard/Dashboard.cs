using System.Net;
using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>
/// The dashboard of a server: a page at <see cref="Path"/>, its files below that, and at the same path the WebSocket that its figures come from
/// (docs/dashboard.md). Each of them is only for those whom <see cref="DashboardAccess"/> admits.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Dashboard
{
    /// <summary>Where it is.</summary>
    public const string Path = "/_rawws";

    private const string PageName = "index.html";

    private static readonly ResponseHeaders NotKept = new() { { "Cache-Control", "no-store" } };

    private readonly DashboardAccess _access;
    private readonly DashboardLogin? _login;
    private readonly DashboardFeed _feed;

    /// <param name="options">For whom it is.</param>
    /// <param name="sampler">Where its figures come from.</param>
    /// <param name="clock">When.</param>
    /// <param name="logger">Where faults go.</param>
    public Dashboard(DashboardOptions options, DashboardSampler sampler, TimeProvider clock, ILogger logger)
    {
        var token = options.Token is { } text ? new DashboardToken(text) : null;
        _access = new DashboardAccess(token);
        _login = token is null ? null : new DashboardLogin(token);
        _feed = new DashboardFeed(sampler.Describe(), sampler.Take, clock, logger);
    }

    /// <summary>Lets a server answer for it.</summary>
    public void MapTo(WebSocketServer server)
    {
        foreach (var file in PageFile.AllOf("DashboardPage").Where(file => file.Name != DashboardLogin.FormName))
        {
            if (file.Name == PageName)
            {
                server.MapHttp(Path, new HttpRoute((request, cancellationToken) => AnswerAsync(request, file, cancellationToken))
                {
                    Methods = ["GET", "POST"],
                    MaxBodySize = DashboardLogin.MaxFormSize,
                });
            }
            else
            {
                server.MapGet($"{Path}/{file.Name}", (request, _) => new(AnswerWith(file, request)));
            }
        }

        server.Map(Path, _feed.RunAsync, (request, _) => new(Judge(request)));
    }

    private HttpResponse AnswerWith(PageFile file, HttpRequest request)
    {
        // What the form needs is for those who have not filled it in yet.
        var verdict = _login is not null && DashboardLogin.Needs(file.Name) ? DashboardVerdict.Admitted : _access.Judge(request);
        return verdict == DashboardVerdict.Admitted ? file.Answer(request) : Refuse(verdict);
    }

    private async ValueTask<HttpResponse> AnswerAsync(HttpRequest request, PageFile page, CancellationToken cancellationToken)
    {
        if (_login is not null && await _login.TryAnswerAsync(request, cancellationToken) is { } answer)
            return answer;

        return _access.Judge(request) switch
        {
            DashboardVerdict.Admitted when request.Method != "POST" => page.Answer(request),
            DashboardVerdict.Admitted => HttpResponse.Text("There is nothing to log in to.\n", status: HttpStatusCode.MethodNotAllowed, headers: new() { { "Allow", "GET, HEAD" } }),
            DashboardVerdict.TokenNeeded => DashboardLogin.Ask(request),
            var verdict => Refuse(verdict),
        };
    }

    private UpgradeResponse Judge(UpgradeRequest request)
    {
        var verdict = _access.Judge(request);
        if (verdict == DashboardVerdict.Admitted)
            return UpgradeResponse.Accept();

        var (status, body) = AnswerFor(verdict);
        return UpgradeResponse.Refuse(status, body, status == HttpStatusCode.Unauthorized ? DashboardLogin.Challenge : NotKept);
    }

    private static HttpResponse Refuse(DashboardVerdict verdict)
    {
        var (status, body) = AnswerFor(verdict);
        return HttpResponse.Text(body + "\n", status: status, headers: status == HttpStatusCode.Unauthorized ? DashboardLogin.Challenge : NotKept);
    }

    private static (HttpStatusCode Status, string Body) AnswerFor(DashboardVerdict verdict) => verdict switch
    {
        DashboardVerdict.TokenNeeded => (HttpStatusCode.Unauthorized, "the dashboard needs its token"),
        DashboardVerdict.ForeignHost => (HttpStatusCode.Forbidden, "without a token the dashboard is at localhost, 127.0.0.1 or [::1]; see --dashboard-token"),
        DashboardVerdict.ForeignOrigin => (HttpStatusCode.Forbidden, "this origin may not ask"),
        _ => (HttpStatusCode.NotFound, "there is nothing here"),
    };
}
