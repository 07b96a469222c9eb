using System.Net;
using System.Text;

namespace RawWs.Host;

/// <summary>
/// How a browser comes to the cookie of the dashboard: by a form, or by one visit with <c>?token=</c>, after which the token is in no address any more.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class DashboardLogin(DashboardToken token)
{
    /// <summary>The name of the form among the files of the page.</summary>
    public const string FormName = "login.html";

    /// <summary>Bytes in the form as it is sent, with each character of the token escaped.</summary>
    public const int MaxFormSize = (3 * DashboardOptions.MaxTokenLength) + 64;

    private const string TokenField = "token";
    private const string EnteredMark = "entered";

    /// <summary>What a request without the token is told (RFC 9110 §15.5.2).</summary>
    public static readonly ResponseHeaders Challenge = new() { { "WWW-Authenticate", "Bearer realm=\"rawws dashboard\"" }, { "Cache-Control", "no-store" } };

    private static readonly string Form = Encoding.UTF8.GetString(PageFile.AllOf("DashboardPage").Single(file => file.Name == FormName).Content.Span);

    // A browser that comes from another site does not send a strict cookie, not even on a redirection: this sends it on from here.
    private const string Onwards = $"<!doctype html><html lang=\"en\"><title>RawWs dashboard</title><meta http-equiv=\"refresh\" content=\"0; url={Dashboard.Path}\"><a href=\"{Dashboard.Path}\">To the dashboard</a>";

    /// <summary>Whether a file is what the form is shown with, and tells nothing.</summary>
    public static bool Needs(string file) => file is "login.css" or "icon.svg";

    /// <summary>Answers what brings a token along, or has just done so.</summary>
    /// <returns>Null if it does neither: then the request is one like any other.</returns>
    public async ValueTask<HttpResponse?> TryAnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Method == "POST")
        {
            var form = Encoding.UTF8.GetString((await request.ReadBodyAsync(cancellationToken)).Span);
            return DashboardAccess.IsSameOrigin(request.Origin, request.Host, request.Tls is not null)
                ? Enter(request, FieldOf(form) ?? "")
                : HttpResponse.Text("this origin may not ask\n", status: HttpStatusCode.Forbidden);
        }

        if (request.GetQueryValue(TokenField) is { } given)
            return Enter(request, given);

        return request.GetQueryValue(EnteredMark) is not null && !token.IsCookie(request.GetCookie(DashboardToken.CookieName))
            ? HttpResponse.Text(Onwards, "text/html; charset=utf-8", headers: Headers())
            : null;
    }

    /// <summary>Asks for the token.</summary>
    /// <param name="request">What comes without it.</param>
    /// <param name="problem">What was wrong with the one that was given.</param>
    public static HttpResponse Ask(HttpRequest request, string problem = "")
    {
        // Whoever does not take pages is no browser.
        if (request.GetHeader("Accept")?.Contains("text/html", StringComparison.OrdinalIgnoreCase) is not true)
            return HttpResponse.Text("the dashboard needs its token: send it as Authorization: Bearer TOKEN\n", status: HttpStatusCode.Unauthorized, headers: Challenge);

        var headers = Headers();
        headers.Add("WWW-Authenticate", "Bearer realm=\"rawws dashboard\"");
        return HttpResponse.Text(Form.Replace("{problem}", problem, StringComparison.Ordinal), "text/html; charset=utf-8", HttpStatusCode.Unauthorized, headers);
    }

    private HttpResponse Enter(HttpRequest request, string given)
    {
        if (!token.Is(given))
            return Ask(request, "That is not the token.");

        // A proxy that ends TLS says so, and what a liar gains is that a browser keeps the cookie to itself.
        var isSecure = request.Tls is not null || request.GetHeader("X-Forwarded-Proto") is "https";
        var headers = Headers();
        headers.Add("Location", $"{Dashboard.Path}?{EnteredMark}");
        headers.Add("Set-Cookie", token.ToSetCookie(Dashboard.Path, isSecure));
        return HttpResponse.Empty(HttpStatusCode.SeeOther, headers);
    }

    // Browsers send the origin of a form as "null" to where they may not name the page that it is on.
    private static ResponseHeaders Headers() => PageFile.Protected(new ResponseHeaders { { "Cache-Control", "no-store" }, { "Referrer-Policy", "same-origin" } }, formAction: "'self'");

    private static string? FieldOf(string form)
        => form.Split('&').Select(field => field.Split('=', 2)).FirstOrDefault(field => field is [TokenField, _]) is [_, var value] ? WebUtility.UrlDecode(value) : null;
}
